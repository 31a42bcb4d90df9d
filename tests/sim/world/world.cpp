#include "tests/sim/world/world.hpp"

#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <span>
#include <variant>

namespace sim {
namespace {

constexpr std::uint16_t port = 4'128;
constexpr std::uint32_t first_address = 0x0a000001;  // 10.0.0.1
constexpr std::uint64_t events_between_checks = 512;

std::span<const std::byte> bytes_of(const std::string& octets)
{
    return std::as_bytes(std::span{octets});
}

// FNV-1a.
void mix_in(std::uint64_t& digest, std::uint64_t value)
{
    for (int i = 0; i < 8; ++i) {
        digest = (digest ^ (value & 0xff)) * 0x100000001b3ULL;
        value >>= 8;
    }
}

}  // namespace

world::world(std::uint64_t seed, const link_model& links, const dht::config& settings)
    : seed_(seed), links_(links), settings_(settings), random_(seed), now_(std::chrono::hours{1})
{
}

world::~world()
{
    if (::testing::Test::HasFailure()) {
        std::cerr << "replay with seed " << seed_ << "; failed at event " << events_ << ", "
                  << std::chrono::duration<double>(now_.time_since_epoch()).count() - 3'600
                  << " s after the start\n";
    }
}

std::size_t world::add_node(const std::vector<std::size_t>& seeds)
{
    return add_node(seeds, settings_);
}

std::size_t world::add_node(const std::vector<std::size_t>& seeds, const dht::config& settings)
{
    const std::size_t index = boxes_.size();
    box fresh;
    const auto number = first_address + static_cast<std::uint32_t>(index);
    fresh.where = {boost::asio::ip::address_v4{number}, port};
    fresh.settings = settings;
    directory_.emplace(fresh.where, index);
    boxes_.push_back(std::move(fresh));
    watched_counts_.push_back(0);
    start(index, seeds, {});
    return index;
}

void world::start(std::size_t index,
    const std::vector<std::size_t>& seeds,
    const std::vector<dht::endpoint>& remembered)
{
    box& into = boxes_[index];
    ++into.incarnation;
    const std::uint64_t own_seed = seed_ * 1'000'003 + index * 1'009 + into.incarnation;
    into.random = std::make_unique<seeded_random>(own_seed);
    into.machine =
        std::make_unique<dht::node>(into.where, std::nullopt, into.settings, *into.random, now_);
    into.timer.reset();
    std::vector<dht::endpoint> doors;
    for (const std::size_t seed : seeds) {
        doors.push_back(boxes_[seed].where);
    }
    into.machine->join(doors, remembered, now_);
    drain(index);
}

void world::kill(std::size_t index)
{
    boxes_[index].machine.reset();
    boxes_[index].timer.reset();
}

void world::restart(std::size_t index,
    const std::vector<std::size_t>& seeds,
    const std::vector<dht::endpoint>& remembered)
{
    kill(index);
    start(index, seeds, remembered);
}

void world::run_for(std::chrono::milliseconds span)
{
    const dht::time_point end = now_ + span;
    while (step(end)) {
    }
    now_ = end;
}

bool world::step(dht::time_point until)
{
    if (queue_.empty() || queue_.top().when > until) {
        return false;
    }
    const event happening = queue_.top();
    queue_.pop();
    now_ = happening.when;
    ++events_;
    deliver(happening);
    return true;
}

void world::deliver(const event& happening)
{
    box& to = boxes_[happening.to];
    if (!to.machine) {
        return;
    }
    if (!happening.from) {
        if (to.timer != happening.when) {
            return;  // set anew since
        }
        to.timer.reset();
        to.machine->handle_timeout(now_);
        const auto next = to.machine->next_timeout();
        ASSERT_TRUE(!next || *next > now_) << "a timer that is due at once would never let go";
    } else {
        if (boxes_[*happening.from].group != to.group) {
            return;
        }
        ++datagrams_;
        mix_in(trace_, static_cast<std::uint64_t>(now_.time_since_epoch().count()));
        mix_in(trace_, *happening.from << 32 | happening.to);
        for (const char octet : happening.octets) {
            mix_in(trace_, static_cast<unsigned char>(octet));
        }
        count_watched(happening.to, happening.octets);
        to.machine->handle_datagram(
            boxes_[*happening.from].where, bytes_of(happening.octets), now_);
    }
    if (events_ % events_between_checks == 0) {
        to.machine->check_invariant();
    }
    drain(happening.to);
}

void world::drain(std::size_t index)
{
    box& from = boxes_[index];
    while (auto next = from.machine->poll_output()) {
        if (const auto* datagram = std::get_if<dht::send_datagram>(&*next)) {
            transmit(index, *datagram);
        } else if (auto* get = std::get_if<dht::get_done>(&*next)) {
            gets_[{index, get->operation}] = std::move(get->result);
        } else if (const auto* put = std::get_if<dht::put_done>(&*next)) {
            puts_[{index, put->operation}] = *put;
        } else if (auto* claim = std::get_if<dht::claim_done>(&*next)) {
            claims_[{index, claim->operation}] = {now_, std::move(claim->result)};
        } else {
            ++leases_lost_;
        }
    }
    const auto due = from.machine->next_timeout();
    if (due && due != from.timer) {
        from.timer = std::max(*due, now_);
        queue_.push({*from.timer, ++numbered_, index, std::nullopt, {}});
    }
}

void world::transmit(std::size_t from, const dht::send_datagram& datagram)
{
    const auto target = directory_.find(datagram.to);
    if (target == directory_.end() || happens(links_.loss_permille)) {
        return;
    }
    enqueue(from, target->second, datagram.octets);
    if (happens(links_.duplication_permille)) {
        enqueue(from, target->second, datagram.octets);
    }
}

std::size_t world::site_of(std::size_t index) const
{
    return links_.site_delays.empty() ? 0 : index % links_.site_delays.size();
}

// The same in both directions and for the whole run.
std::chrono::microseconds world::base_delay(std::size_t from, std::size_t to) const
{
    seeded_random pair{seed_ ^ (std::min(from, to) * 1'000'003 + std::max(from, to))};
    std::chrono::microseconds least = links_.least_delay;
    std::chrono::microseconds most = links_.most_delay;
    if (!links_.site_delays.empty()) {
        const std::chrono::microseconds usual = links_.site_delays[site_of(from)][site_of(to)];
        least = usual * 9 / 10;
        most = usual * 11 / 10;
    }
    const auto spread = static_cast<std::uint64_t>((most - least).count());
    return least + std::chrono::microseconds{spread == 0 ? 0 : pair.next() % spread};
}

void world::enqueue(std::size_t from, std::size_t to, const std::string& octets)
{
    const auto most_jitter = static_cast<std::uint64_t>(links_.jitter.count());
    const auto jitter = most_jitter == 0 ? 0 : random_.next() % most_jitter;
    const std::chrono::microseconds delay =
        base_delay(from, to) + std::chrono::microseconds{jitter};
    queue_.push({now_ + delay, ++numbered_, to, from, octets});
}

bool world::happens(unsigned permille)
{
    return permille > 0 && random_.below(1'000) < permille;
}

dht::get_result world::get(
    std::size_t index, const dht::node_id& key, std::chrono::milliseconds budget)
{
    const dht::operation_id operation = at(index).get(key, budget, now_);
    drain(index);
    const dht::time_point end = now_ + budget + std::chrono::seconds{1};
    while (!gets_.contains({index, operation}) && step(end)) {
    }
    EXPECT_TRUE(gets_.contains({index, operation})) << "a get must end within its budget";
    dht::get_result result = std::move(gets_[{index, operation}]);
    gets_.clear();
    return result;
}

dht::put_done world::put(std::size_t index, const dht::node_id& key, std::chrono::seconds life)
{
    dht::pointer value;
    value.life = life;
    const dht::operation_id operation = at(index).put(key, value, now_);
    drain(index);
    const dht::time_point end = now_ + settings_.put_deadline + std::chrono::seconds{1};
    while (!puts_.contains({index, operation}) && step(end)) {
    }
    EXPECT_TRUE(puts_.contains({index, operation})) << "a put must end within its deadline";
    const dht::put_done result = puts_[{index, operation}];
    puts_.clear();
    return result;
}

void world::begin_get(std::size_t index, const dht::node_id& key)
{
    at(index).get(key, std::chrono::milliseconds{1'000}, now_);
    drain(index);
}

void world::begin_put(std::size_t index, const dht::node_id& key, std::chrono::seconds life)
{
    dht::pointer value;
    value.life = life;
    at(index).put(key, value, now_);
    drain(index);
}

dht::operation_id world::begin_claim(std::size_t index,
    const dht::node_id& key,
    dht::lease_number silent,
    std::chrono::milliseconds budget)
{
    const dht::operation_id operation = at(index).claim_lost(key, silent, budget, now_);
    drain(index);
    return operation;
}

const world::ended_claim* world::claim_of(std::size_t index, dht::operation_id operation) const
{
    const auto found = claims_.find({index, operation});
    return found == claims_.end() ? nullptr : &found->second;
}

dht::claim_result world::claim(std::size_t index,
    const dht::node_id& key,
    dht::lease_number silent,
    std::chrono::milliseconds budget)
{
    const dht::operation_id operation = begin_claim(index, key, silent, budget);
    const dht::time_point end = now_ + budget;
    while (claim_of(index, operation) == nullptr && step(end)) {
    }
    const ended_claim* const ended = claim_of(index, operation);
    EXPECT_NE(ended, nullptr) << "a claim must end within its budget";
    return ended == nullptr ? dht::claim_result{} : ended->result;
}

void world::complete(
    std::size_t index, const dht::node_id& key, dht::lease_number number, const dht::pointer& value)
{
    at(index).complete(key, number, value, std::chrono::hours{1}, now_);
    drain(index);
}

void world::release(
    std::size_t index, const dht::node_id& key, dht::lease_number number, dht::release_reason why)
{
    at(index).release(key, number, why, now_);
    drain(index);
}

void world::announce(std::size_t index,
    const dht::node_id& key,
    std::chrono::seconds life,
    const dht::pointer& value)
{
    EXPECT_TRUE(at(index).announce(key, value, life, now_));
    drain(index);
}

void world::withdraw(std::size_t index, const dht::node_id& key)
{
    at(index).withdraw(key, now_);
    drain(index);
}

std::size_t world::closest_to(const dht::node_id& key) const
{
    std::size_t best = 0;
    for (std::size_t i = 1; i < boxes_.size(); ++i) {
        if (is_closer(key, dht::id_of(boxes_[i].where), dht::id_of(boxes_[best].where))) {
            best = i;
        }
    }
    return best;
}

void world::watch(const dht::node_id& key)
{
    watched_ = key;
    watched_counts_.assign(boxes_.size(), 0);
}

void world::count_watched(std::size_t to, const std::string& octets)
{
    if (!watched_) {
        return;
    }
    const auto decoded = dht::decode(bytes_of(octets));
    const auto* asked = decoded ? std::get_if<dht::query>(&decoded->body) : nullptr;
    if (asked == nullptr) {
        return;
    }
    const auto* get = std::get_if<dht::get_peers_query>(&asked->method);
    const auto* put = std::get_if<dht::announce_query>(&asked->method);
    if ((get != nullptr && get->key == *watched_) || (put != nullptr && put->key == *watched_)) {
        ++watched_counts_[to];
    }
}

}  // namespace sim
