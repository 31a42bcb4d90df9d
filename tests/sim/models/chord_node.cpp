#include "tests/sim/models/chord_node.hpp"

#include <algorithm>
#include <utility>

namespace sim {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds stabilisation{15};
constexpr std::size_t steps_at_most = 64;
constexpr std::size_t values_per_key = 500;
constexpr std::size_t values_of_an_answer = 4;
constexpr std::size_t alternatives = 3;

enum method : std::uint8_t
{
    find_successor,
    tell_neighbours,
    notify,
    fetch_values,
    store,
    say_farewell,
};

// In (after, until], clockwise; all of the ring where both are the same.
bool is_between(chord_node::position place, chord_node::position after, chord_node::position until)
{
    return after == until || place - after - 1 < until - after;
}

}  // namespace

chord_node::position chord_node::place_of(const dht::node_id& id)
{
    position place = 0;
    for (std::size_t i = 0; i < sizeof place; ++i) {
        place = place << 8 | id.octets()[i];
    }
    return place;
}

void chord_node::start(dht::time_point now)
{
    set_now(now);
    after(std::chrono::milliseconds{random().below(15'000)}, [this] { stabilise(); });
}

void chord_node::know(const std::vector<peer>& ring, std::size_t own_index, dht::time_point now)
{
    const std::size_t count = std::min(successors, ring.size() - 1);
    for (std::size_t i = 1; i <= count; ++i) {
        successors_.push_back(ring[(own_index + i) % ring.size()]);
    }
    predecessor_ = ring[(own_index + ring.size() - 1) % ring.size()];
    for (unsigned i = 0; i < bits; ++i) {
        const position wanted = own() + (position{1} << i);
        const auto found =
            std::lower_bound(ring.begin(), ring.end(), wanted, [](const peer& one, position place) {
                return place_of(one.id) < place;
            });
        fingers_[i] = found == ring.end() ? ring.front() : *found;
    }
    start(now);
}

void chord_node::join(const peer& door, dht::time_point now)
{
    set_now(now);
    // Until the answer comes the door is the ring.
    successors_ = {door};
    look_up(self().id, [this, door](const std::vector<peer>& owners, const model_result&) {
        std::vector<peer> others = owners;
        std::erase(others, self());
        if (others.empty()) {
            after(1s, [this, door] { join(door, this->now()); });
            return;
        }
        successors_ = std::move(others);
        stabilise();
        for (unsigned i = 0; i < bits; ++i) {
            fix_finger();
        }
    });
}

void chord_node::leave(dht::time_point now)
{
    set_now(now);
    if (successors_.empty()) {
        return;
    }
    const peer heir = successors_.front();
    for (const auto& [key, held] : values_) {
        for (const stored& one : held) {
            const auto left = std::chrono::floor<std::chrono::seconds>(one.ends - now);
            if (left > 0s) {
                const auto seconds = static_cast<std::uint32_t>(left.count());
                ask(heir, {store, key, seconds, {peer_at(one.who)}}, [](const reply*) {});
            }
        }
    }
    request told{say_farewell, self().id, 1, successors_};
    if (predecessor_) {
        ask(*predecessor_, told, [](const reply*) {});
        told.nodes = {*predecessor_};
    }
    told.number = 0;
    ask(heir, told, [](const reply*) {});
}

// Who is nearest before the target, and some to turn to if that one is silent; or, at the end, the
// owners.
rpc_actor::reply chord_node::next_step(const dht::node_id& target) const
{
    reply out;
    const position place = place_of(target);
    if (successors_.empty() || is_between(place, own(), place_of(successors_.front().id))) {
        out.is_final = true;
        out.nodes = successors_.empty() ? std::vector{self()} : successors_;
        return out;
    }
    std::vector<peer> before;
    const auto consider = [&](const peer& one) {
        const position at = place_of(one.id);
        if (at != own() && at != place && is_between(at, own(), place)) {
            before.push_back(one);
        }
    };
    for (const auto& finger : fingers_) {
        if (finger) {
            consider(*finger);
        }
    }
    std::for_each(successors_.begin(), successors_.end(), consider);
    std::sort(before.begin(), before.end(), [&](const peer& left, const peer& right) {
        return place - place_of(left.id) < place - place_of(right.id);
    });
    before.erase(std::unique(before.begin(), before.end()), before.end());
    before.resize(std::min(before.size(), alternatives));
    out.nodes = std::move(before);
    return out;
}

void chord_node::look_up(const dht::node_id& target, lookup_handler done)
{
    auto one = std::make_shared<lookup>();
    one->target = target;
    one->done = std::move(done);
    // Ourselves, without a question; who joins knows nothing yet but its door.
    const bool owns = predecessor_ &&
                      is_between(place_of(target), place_of(predecessor_->id), own()) &&
                      target != self().id;
    if (owns) {
        std::vector<peer> owners{self()};
        owners.insert(owners.end(), successors_.begin(), successors_.end());
        const lookup_handler end = std::move(one->done);
        end(owners, one->result);
        return;
    }
    if (!predecessor_ && successors_.size() == 1) {
        one->alternatives = successors_;
        go_on(one);
        return;
    }
    take_step(one, next_step(target));
}

void chord_node::take_step(const std::shared_ptr<lookup>& one, const reply& step)
{
    if (step.is_final) {
        const lookup_handler done = std::move(one->done);
        done(step.nodes, one->result);
        return;
    }
    one->alternatives.insert(one->alternatives.end(), step.nodes.rbegin(), step.nodes.rend());
    go_on(one);
}

void chord_node::go_on(const std::shared_ptr<lookup>& one)
{
    if (one->alternatives.empty() || one->result.queries >= steps_at_most) {
        const lookup_handler done = std::move(one->done);
        done({}, one->result);
        return;
    }
    const peer next = one->alternatives.back();
    one->alternatives.pop_back();
    ++one->result.queries;
    ask(next, {find_successor, one->target}, [this, one](const reply* got) {
        if (got == nullptr) {
            go_on(one);
            return;
        }
        ++one->result.hops;
        take_step(one, *got);
    });
}

rpc_actor::reply chord_node::answer(const peer& from, const request& asked)
{
    reply out;
    switch (asked.method) {
    case find_successor: return next_step(asked.about);
    case tell_neighbours:
        out.is_final = predecessor_.has_value();
        out.nodes = successors_;
        if (predecessor_) {
            out.nodes.insert(out.nodes.begin(), *predecessor_);
        }
        break;
    case notify: notified(from); break;
    case fetch_values: out.values = live_values(asked.about); break;
    case store:
        keep(asked.about,
            asked.nodes.empty() ? from.at : asked.nodes.front().at,
            std::chrono::seconds{asked.number});
        break;
    case say_farewell: farewell_of(from, asked); break;
    default: break;
    }
    return out;
}

void chord_node::stabilise()
{
    if (predecessor_) {
        ask(*predecessor_, {tell_neighbours, self().id}, [](const reply*) {});
    }
    after(stabilisation, [this] { stabilise(); });
    fix_finger();
    if (successors_.empty()) {
        return;
    }
    const peer first = successors_.front();
    ask(first, {tell_neighbours, self().id}, [this, first](const reply* got) {
        if (got == nullptr) {
            return;
        }
        std::vector<peer> after = got->nodes;
        if (got->is_final) {
            const peer between = after.front();
            after.erase(after.begin());
            if (between != self() && between != first &&
                is_between(place_of(between.id), own(), place_of(first.id))) {
                after.insert(after.begin(), first);
                adopt(after, between);
                ask(between, {notify, self().id}, [](const reply*) {});
                return;
            }
        }
        adopt(after, first);
        ask(first, {notify, self().id}, [](const reply*) {});
    });
}

void chord_node::adopt(const std::vector<peer>& after, const peer& first)
{
    successors_ = {first};
    for (const peer& one : after) {
        const bool is_new =
            std::find(successors_.begin(), successors_.end(), one) == successors_.end();
        if (successors_.size() < successors && one != self() && is_new) {
            successors_.push_back(one);
        }
    }
}

void chord_node::notified(const peer& by)
{
    const bool is_nearer =
        !predecessor_ || is_between(place_of(by.id), place_of(predecessor_->id), own());
    if (by != self() && is_nearer) {
        predecessor_ = by;
    }
    if (successors_.empty()) {
        successors_ = {by};
    }
}

// Those that lie before the successor are the successor.
void chord_node::fix_finger()
{
    if (successors_.empty()) {
        return;
    }
    const position next = place_of(successors_.front().id) - own();
    while (next_finger_ < bits && (position{1} << next_finger_) <= next) {
        fingers_[next_finger_++].reset();
    }
    if (next_finger_ >= bits) {
        next_finger_ = 0;
        return;
    }
    const unsigned index = next_finger_++;
    dht::node_id::array octets = self().id.octets();
    const position wanted = own() + (position{1} << index);
    for (std::size_t i = 0; i < sizeof wanted; ++i) {
        octets[i] = static_cast<std::uint8_t>(wanted >> (56 - 8 * i));
    }
    look_up(dht::node_id{octets}, [this, index](const auto& owners, const model_result&) {
        if (!owners.empty() && owners.front() != self()) {
            fingers_[index] = owners.front();
        }
    });
}

void chord_node::fell_silent(const peer& whom)
{
    std::erase(successors_, whom);
    if (predecessor_ == whom) {
        predecessor_.reset();
    }
    for (auto& finger : fingers_) {
        if (finger == whom) {
            finger.reset();
        }
    }
}

void chord_node::farewell_of(const peer& gone, const request& said)
{
    fell_silent(gone);
    if (said.number == 1) {
        std::vector<peer> after = said.nodes;
        if (!successors_.empty() || after.empty()) {
            return;
        }
        const peer first = after.front();
        adopt(after, first);
    } else if (!said.nodes.empty() && !predecessor_ && said.nodes.front() != self()) {
        predecessor_ = said.nodes.front();
    }
}

void chord_node::keep(const dht::node_id& key, const dht::endpoint& who, std::chrono::seconds life)
{
    std::vector<stored>& held = values_[key];
    std::erase_if(held, [&](const stored& one) { return one.ends <= now() || one.who == who; });
    if (held.size() < values_per_key) {
        held.push_back({who, now() + life});
    }
}

std::vector<dht::endpoint> chord_node::live_values(const dht::node_id& key) const
{
    std::vector<dht::endpoint> out;
    const auto found = values_.find(key);
    if (found == values_.end()) {
        return out;
    }
    for (const stored& one : found->second) {
        if (one.ends > now() && out.size() < values_of_an_answer) {
            out.push_back(one.who);
        }
    }
    return out;
}

void chord_node::get(const dht::node_id& key, result_handler done, dht::time_point now)
{
    set_now(now);
    look_up(
        key, [this, key, done = std::move(done)](std::vector<peer> owners, model_result result) {
            owners.resize(std::min(owners.size(), copies));
            std::reverse(owners.begin(), owners.end());
            fetch(key, std::move(owners), std::move(result), done);
        });
}

// One owner after the other until one has values; best last.
void chord_node::fetch(
    const dht::node_id& key, std::vector<peer> owners, model_result result, result_handler done)
{
    if (owners.empty() || !result.values.empty()) {
        done(result);
        return;
    }
    const peer next = owners.back();
    owners.pop_back();
    if (next == self()) {
        result.values = live_values(key);
        fetch(key, std::move(owners), std::move(result), std::move(done));
        return;
    }
    ++result.queries;
    ask(next,
        {fetch_values, key},
        [this, key, owners = std::move(owners), result, done = std::move(done)](
            const reply* got) mutable {
            if (got != nullptr) {
                ++result.hops;
                result.values = got->values;
            }
            fetch(key, std::move(owners), std::move(result), std::move(done));
        });
}

void chord_node::put(
    const dht::node_id& key, std::chrono::seconds life, result_handler done, dht::time_point now)
{
    set_now(now);
    look_up(key,
        [this, key, life, done = std::move(done)](std::vector<peer> owners, model_result result) {
            owners.resize(std::min(owners.size(), copies));
            for (const peer& one : owners) {
                if (one == self()) {
                    keep(key, self().at, life);
                    continue;
                }
                ++result.queries;
                const auto seconds = static_cast<std::uint32_t>(life.count());
                ask(one, {store, key, seconds}, [](const reply*) {});
            }
            done(result);
        });
}

}  // namespace sim
