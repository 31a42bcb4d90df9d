#include "proxy/net/peer_search.hpp"

#include "proxy/core/exchange.hpp"
#include "proxy/net/services.hpp"

#include <algorithm>
#include <utility>

namespace proxy {

using std::chrono::steady_clock;

awaitable<std::size_t> peer_search::begin()
{
    const auto start = steady_clock::now();
    const dht::get_result found = co_await shared_.peers->get(key_, usual_budget());
    here_.count.lookup_duration.add(steady_clock::now() - start);
    if (!found.pointers.empty()) {
        here_.count.add(counter::lookups_found);
    } else {
        here_.count.add(found.timed_out ? counter::lookups_timeout : counter::lookups_empty);
    }
    candidates_ = choose(found.pointers);
    co_return candidates_.size();
}

awaitable<std::size_t> peer_search::go_on(std::size_t tried, std::chrono::milliseconds most)
{
    candidates_.resize(tried);
    std::vector<dht::endpoint> rejected;
    for (const peer_candidate& one : candidates_) {
        rejected.push_back({one.where.address, one.where.port});
    }
    awaitable<dht::get_result> asking =
        shared_.peers->get_again(key_, std::move(rejected), std::min(usual_budget(), most));
    const dht::get_result found = co_await std::move(asking);
    const std::vector<peer_candidate> others = choose(found.pointers);
    candidates_.insert(candidates_.end(), others.begin(), others.end());
    co_return others.size();
}

std::chrono::milliseconds peer_search::usual_budget() const
{
    const limits& limit = shared_.config.limit;
    return lookup_budget(
        shared_.peers->expected_lookup_time(), limit.lookup_minimum, limit.lookup_maximum);
}

std::vector<peer_candidate> peer_search::choose(const std::vector<dht::pointer>& found) const
{
    std::vector<peer_candidate> candidates;
    for (const dht::pointer& pointer : found) {
        if (pointer.state != dht::pointer_state::not_shareable) {
            candidates.push_back({{pointer.peer.address, pointer.peer.port},
                pointer.state == dht::pointer_state::complete,
                pointer.load});
        }
    }
    return shared_.remembered.choose(std::move(candidates), shared_.own_peers, steady_clock::now());
}

}  // namespace proxy
