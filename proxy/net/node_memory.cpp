#include "proxy/net/node_memory.hpp"

#include <utility>

namespace proxy {

void node_memory::peer_failed(const peer_address& peer, time_point now)
{
    const std::lock_guard lock{mutex_};
    health_.failed(peer, now);
}

void node_memory::peer_answered(const peer_address& peer)
{
    const std::lock_guard lock{mutex_};
    health_.answered(peer);
}

std::vector<peer_candidate> node_memory::choose(
    std::vector<peer_candidate> candidates, const std::vector<peer_address>& selves, time_point now)
{
    const std::lock_guard lock{mutex_};
    const auto random = [this](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>{0, below - 1}(random_);
    };
    return choose_peers(std::move(candidates), selves, health_, now, random);
}

void node_memory::remember_individual(const cache::cache_key& key, time_point now)
{
    const std::lock_guard lock{mutex_};
    if (individual_until_.size() >= most_individual_keys) {
        // What is over goes first; if nothing is, all goes: the worst is a collapse that has to be
        // undone again.
        if (std::erase_if(
                individual_until_, [&](const auto& entry) { return entry.second <= now; }) == 0) {
            individual_until_.clear();
        }
    }
    individual_until_[key.hash()] = now + individual_time;
}

bool node_memory::is_individual(const cache::cache_key& key, time_point now)
{
    const std::lock_guard lock{mutex_};
    const auto found = individual_until_.find(key.hash());
    if (found == individual_until_.end()) {
        return false;
    }
    if (found->second <= now) {
        individual_until_.erase(found);
        return false;
    }
    return true;
}

}  // namespace proxy
