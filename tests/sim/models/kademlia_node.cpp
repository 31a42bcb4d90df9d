#include "tests/sim/models/kademlia_node.hpp"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::minutes bucket_refresh{15};  // BEP 5
constexpr std::chrono::minutes refresh_look{1};
constexpr std::size_t values_per_key = 500;  // as libtorrent

enum method : std::uint8_t
{
    find_node,
    find_value,
    store,
};

}  // namespace

void kademlia_node::know(const peer& one)
{
    if (one.id == self().id) {
        return;
    }
    bucket& home = buckets_[common_prefix(self().id, one.id)];
    const auto known = std::find(home.contacts.begin(), home.contacts.end(), one);
    if (known != home.contacts.end()) {
        std::rotate(known, known + 1, home.contacts.end());  // heard of last (section 2.2)
        return;
    }
    if (home.contacts.size() < k) {
        home.contacts.push_back(one);
        return;
    }
    std::erase(home.waiting, one);
    if (home.waiting.size() == k) {
        home.waiting.erase(home.waiting.begin());
    }
    home.waiting.push_back(one);
}

void kademlia_node::fell_silent(const peer& whom)
{
    bucket& home = buckets_[common_prefix(self().id, whom.id)];
    std::erase(home.waiting, whom);
    if (std::erase(home.contacts, whom) > 0 && !home.waiting.empty()) {
        home.contacts.push_back(home.waiting.back());
        home.waiting.pop_back();
    }
}

std::size_t kademlia_node::contacts() const
{
    std::size_t count = 0;
    for (const bucket& one : buckets_) {
        count += one.contacts.size();
    }
    return count;
}

std::vector<peer> kademlia_node::closest(const dht::node_id& target) const
{
    std::vector<peer> all;
    for (const bucket& one : buckets_) {
        all.insert(all.end(), one.contacts.begin(), one.contacts.end());
    }
    const auto is_nearer = [&](const peer& left, const peer& right) {
        return is_closer(target, left.id, right.id);
    };
    const auto count = static_cast<std::ptrdiff_t>(std::min(k, all.size()));
    std::partial_sort(all.begin(), all.begin() + count, all.end(), is_nearer);
    all.resize(static_cast<std::size_t>(count));
    return all;
}

void kademlia_node::join(const peer& door, dht::time_point now)
{
    set_now(now);
    know(door);
    look_up(find_node, self().id, [this](const auto&, const auto&) { refresh(); });
}

void kademlia_node::leave(dht::time_point /*now*/)
{
    // The paper knows no farewell.
}

// Buckets that no lookup has touched, one at a time (section 2.3).
void kademlia_node::refresh()
{
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        bucket& one = buckets_[i];
        if (one.contacts.empty() || now() < one.touched + bucket_refresh) {
            continue;
        }
        one.touched = now();
        dht::node_id::array octets{};
        random().fill(octets);
        dht::node_id target{octets};
        for (unsigned bit = 0; bit <= i; ++bit) {
            if ((target.bit(bit) == self().id.bit(bit)) == (bit == i)) {
                target.flip(bit);
            }
        }
        look_up(find_node, target, [this](const auto&, const auto&) { refresh(); });
        return;
    }
    after(refresh_look, [this] { refresh(); });
}

rpc_actor::reply kademlia_node::answer(const peer& from, const request& asked)
{
    reply out;
    if (asked.method == store) {
        keep(asked.about, from.at, std::chrono::seconds{asked.number});
        return out;
    }
    out.nodes = closest(asked.about);
    std::erase(out.nodes, from);
    if (asked.method == find_value) {
        out.values = live_values(asked.about);
        for (std::size_t i = 0; i < std::min(values, out.values.size()); ++i) {
            std::swap(out.values[i], out.values[i + random().below(out.values.size() - i)]);
        }
        out.values.resize(std::min(values, out.values.size()));
    }
    return out;
}

std::vector<dht::endpoint> kademlia_node::live_values(const dht::node_id& key)
{
    std::vector<dht::endpoint> out;
    const auto found = values_.find(key);
    if (found != values_.end()) {
        std::erase_if(found->second, [this](const stored& one) { return one.ends <= now(); });
        for (const stored& one : found->second) {
            out.push_back(one.who);
        }
    }
    return out;
}

void kademlia_node::keep(
    const dht::node_id& key, const dht::endpoint& who, std::chrono::seconds life)
{
    std::vector<stored>& held = values_[key];
    std::erase_if(held, [&](const stored& one) { return one.ends <= now() || one.who == who; });
    if (held.size() < values_per_key) {
        held.push_back({who, now() + life});
    }
}

void kademlia_node::look_up(std::uint8_t method, const dht::node_id& target, lookup_handler done)
{
    auto one = std::make_shared<lookup>();
    one->method = method;
    one->target = target;
    one->done = std::move(done);
    for (const peer& who : closest(target)) {
        one->candidates.emplace(distance(target, who.id), candidate{who});
    }
    buckets_[std::min(common_prefix(self().id, target), dht::node_id::bit_count - 1)].touched =
        now();
    go_on(one);
}

// The k closest that have not failed are to answer, alpha at a time.
void kademlia_node::go_on(const std::shared_ptr<lookup>& one)
{
    std::size_t considered = 0;
    std::vector<peer> answered;
    for (auto& [away, who] : one->candidates) {
        if (considered == k) {
            break;
        }
        if (who.state == progress::failed) {
            continue;
        }
        ++considered;
        if (who.state == progress::answered) {
            answered.push_back(who.who);
        } else if (who.state == progress::known && one->in_flight < alpha) {
            question(one, who);
        }
    }
    if (one->in_flight == 0) {
        const lookup_handler done = std::move(one->done);
        done(answered, one->result);
    }
}

void kademlia_node::question(const std::shared_ptr<lookup>& one, candidate& whom)
{
    whom.state = progress::asked;
    ++one->in_flight;
    ++one->result.queries;
    const dht::node_id away = distance(one->target, whom.who.id);
    ask(whom.who, {one->method, one->target}, [this, one, away](const reply* got) {
        --one->in_flight;
        candidate& asked = one->candidates.at(away);
        asked.state = got != nullptr ? progress::answered : progress::failed;
        if (got != nullptr) {
            const std::size_t depth = one->depth[away] + 1;
            one->result.hops = std::max(one->result.hops, depth);
            for (const peer& who : got->nodes) {
                const dht::node_id far = distance(one->target, who.id);
                if (who != self() && one->candidates.emplace(far, candidate{who}).second) {
                    one->depth[far] = depth;
                }
            }
            for (const dht::endpoint& value : got->values) {
                one->result.values.push_back(value);
            }
        }
        go_on(one);
    });
}

void kademlia_node::get(const dht::node_id& key, result_handler done, dht::time_point now)
{
    set_now(now);
    look_up(find_value, key, [done = std::move(done)](const auto&, const model_result& result) {
        done(result);
    });
}

// A putter that is itself among the closest keeps the value too.
void kademlia_node::put(
    const dht::node_id& key, std::chrono::seconds life, result_handler done, dht::time_point now)
{
    set_now(now);
    look_up(find_node,
        key,
        [this, key, life, done = std::move(done)](
            const std::vector<peer>& closest, const model_result& looked) {
            if (closest.size() < k || is_closer(key, self().id, closest.back().id)) {
                keep(key, self().at, life);
            }
            model_result result = looked;
            for (const peer& one : closest) {
                ++result.queries;
                const auto seconds = static_cast<std::uint32_t>(life.count());
                ask(one, {store, key, seconds}, [](const reply*) {});
            }
            done(result);
        });
}

}  // namespace sim
