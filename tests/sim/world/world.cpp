#include "tests/sim/world/world.hpp"

#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <span>
#include <string_view>
#include <variant>

namespace sim {
namespace {

constexpr std::uint16_t port = 4'128;
constexpr std::uint32_t first_address = 0x0a000001;  // 10.0.0.1
constexpr std::uint64_t events_between_checks = 512;
constexpr dht::time_point epoch{std::chrono::hours{1}};
constexpr std::int64_t million = 1'000'000;

std::span<const std::byte> bytes_of(const std::string& octets)
{
    return std::as_bytes(std::span{octets});
}

void mix_in(std::uint64_t& digest, std::uint64_t value)
{
    digest = (digest ^ value) * 0x9e3779b97f4a7c15ULL;
    digest ^= digest >> 29;
}

void mix_in(std::uint64_t& digest, std::string_view octets)
{
    while (!octets.empty()) {
        std::uint64_t word = 0;
        const std::size_t part = std::min(octets.size(), sizeof word);
        std::memcpy(&word, octets.data(), part);
        mix_in(digest, word);
        octets.remove_prefix(part);
    }
}

}  // namespace

world::world(std::uint64_t seed, const link_model& links, const dht::config& settings)
    : seed_(seed), links_(links), settings_(settings), random_(seed), now_(epoch)
{
}

world::~world()
{
    expect_no_operation_overdue();
    if (::testing::Test::HasFailure()) {
        std::cerr << "replay with seed " << seed_ << "; failed at event " << events_ << ", "
                  << std::chrono::duration<double>(now_ - epoch).count() << " s after the start\n";
    }
}

std::size_t world::add_node(const std::vector<std::size_t>& seeds)
{
    return add_node(seeds, settings_);
}

std::size_t world::add_node(const std::vector<std::size_t>& seeds, const dht::config& settings)
{
    return add_node_at(next_address(), seeds, settings);
}

std::size_t world::add_node_at(
    const dht::endpoint& where, const std::vector<std::size_t>& seeds, const dht::config& settings)
{
    const std::size_t index = add_box(where);
    boxes_[index].settings = settings;
    start(index, seeds, {});
    return index;
}

std::size_t world::add_actor(std::unique_ptr<actor> model)
{
    const std::size_t index = add_box(next_address());
    boxes_[index].model = std::move(model);
    drain(index);
    return index;
}

dht::endpoint world::next_address() const
{
    const auto number = first_address + static_cast<std::uint32_t>(boxes_.size());
    return {boost::asio::ip::address_v4{number}, port};
}

std::size_t world::add_box(const dht::endpoint& where)
{
    const std::size_t index = boxes_.size();
    if (where != next_address()) {
        odd_addresses_.emplace(where, index);
    }
    boxes_.emplace_back();
    boxes_.back().where = where;
    watched_counts_.push_back(0);
    return index;
}

std::optional<std::size_t> world::index_of(const dht::endpoint& where) const
{
    if (where.address.is_v4() && where.port == port) {
        const std::size_t index = where.address.to_v4().to_uint() - first_address;
        if (index < boxes_.size() && boxes_[index].where == where) {
            return index;
        }
    }
    const auto odd = odd_addresses_.find(where);
    return odd == odd_addresses_.end() ? std::nullopt : std::optional{odd->second};
}

void world::start(std::size_t index,
    const std::vector<std::size_t>& seeds,
    const std::vector<dht::endpoint>& remembered)
{
    box& into = boxes_[index];
    ++into.incarnation;
    const std::uint64_t own_seed = seed_ * 1'000'003 + index * 1'009 + into.incarnation;
    into.random = std::make_unique<seeded_random>(own_seed);
    const dht::time_point now = local_time(into, now_);
    into.machine =
        std::make_unique<dht::node>(into.where, std::nullopt, into.settings, *into.random, now);
    std::vector<dht::endpoint> doors;
    for (const std::size_t seed : seeds) {
        doors.push_back(boxes_[seed].where);
    }
    into.machine->join(doors, remembered, now);
    drain(index);
}

void world::kill(std::size_t index)
{
    box& dead = boxes_[index];
    dead.machine.reset();
    dead.model.reset();
    dead.timer.reset();
    dead.sent_to.clear();
    dead.paused_until = {};
    operations_.erase(operations_.lower_bound({index, 0}), operations_.lower_bound({index + 1, 0}));
}

void world::restart(std::size_t index,
    const std::vector<std::size_t>& seeds,
    const std::vector<dht::endpoint>& remembered)
{
    kill(index);
    start(index, seeds, remembered);
}

void world::cut(std::size_t from, std::size_t to)
{
    cuts_.emplace(from, to);
}

void world::heal(std::size_t from, std::size_t to)
{
    cuts_.erase({from, to});
}

void world::set_clock(std::size_t index, const clock_error& error)
{
    boxes_[index].clock = error;
    boxes_[index].timer.reset();
    drain(index);
}

void world::pause(std::size_t index, std::chrono::milliseconds span)
{
    boxes_[index].paused_until = now_ + span;
}

void world::set_filter(std::size_t index, filter change)
{
    boxes_[index].change = std::move(change);
}

void world::run_for(std::chrono::milliseconds span)
{
    const dht::time_point end = now_ + span;
    while (step(end)) {
    }
    now_ = end;
}

void world::at(dht::time_point when, std::function<void()> action)
{
    queue_.push_action(std::max(when, now_), std::move(action));
}

bool world::step(dht::time_point until)
{
    if (queue_.empty() || queue_.next().when > until) {
        return false;
    }
    const event happening = queue_.pop();
    now_ = happening.when;
    ++events_;
    switch (happening.kind) {
    case event_kind::timer: handle_timer(happening); break;
    case event_kind::datagram: handle_datagram(happening); break;
    case event_kind::action: queue_.take_action(happening)(); break;
    }
    return true;
}

void world::handle_timer(const event& happening)
{
    box& to = boxes_[happening.to];
    if (to.timer != happening.when || (!to.machine && !to.model)) {
        return;  // an earlier one was set since, or it is gone
    }
    to.timer.reset();
    if (to.paused_until > now_) {
        to.timer = to.paused_until;
        queue_.push_timer(to.paused_until, happening.to);
        return;
    }
    const dht::time_point now = local_time(to, now_);
    const auto due = to.machine ? to.machine->next_timeout() : to.model->next_timeout();
    if (due && *due <= now) {
        if (to.machine) {
            to.machine->handle_timeout(now);
            const auto next = to.machine->next_timeout();
            ASSERT_TRUE(!next || *next > now) << "a timer that is due at once would never let go";
        } else {
            to.model->handle_timeout(now);
        }
    }
    if (to.machine && events_ % events_between_checks == 0) {
        to.machine->check_invariant();
    }
    drain(happening.to);
}

void world::handle_datagram(const event& happening)
{
    if (waits(happening)) {
        return;
    }
    const std::string octets = queue_.take_octets(happening);
    box& to = boxes_[happening.to];
    if ((!to.machine && !to.model) || !is_passed(happening)) {
        return;
    }
    ++datagrams_;
    mix_in(trace_, static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    mix_in(trace_, std::uint64_t{happening.from} << 32 | happening.to);
    mix_in(trace_, octets);
    count_watched(happening.to, octets);
    for (const observer& watcher : observers_) {
        watcher(happening.from, happening.to, bytes_of(octets));
    }
    const dht::time_point now = local_time(to, now_);
    const dht::endpoint from = boxes_[happening.from].where;
    if (to.model) {
        to.model->handle_datagram(from, bytes_of(octets), now);
    } else {
        to.machine->handle_datagram(from, bytes_of(octets), now);
        if (events_ % events_between_checks == 0) {
            to.machine->check_invariant();
        }
    }
    drain(happening.to);
}

// Who pauses gets it when the pause is over.
bool world::waits(const event& happening)
{
    const box& to = boxes_[happening.to];
    if (to.paused_until <= now_ || !to.machine) {
        return false;
    }
    queue_.push_datagram(
        to.paused_until, happening.from, happening.to, queue_.take_octets(happening));
    return true;
}

bool world::is_passed(const event& happening)
{
    const box& from = boxes_[happening.from];
    box& to = boxes_[happening.to];
    if (from.group != to.group || cuts_.contains({happening.from, happening.to})) {
        return false;
    }
    if (!to.is_behind_nat) {
        return true;
    }
    const auto opened = to.sent_to.find(happening.from);
    return opened != to.sent_to.end() && opened->second + links_.nat_memory >= now_;
}

void world::drain(std::size_t index)
{
    if (boxes_[index].model) {
        while (auto next = boxes_[index].model->poll_output()) {
            transmit(index, *next);
        }
        set_timer(index);
        return;
    }
    // What is told of the end of an operation may begin the next one, here or elsewhere.
    std::vector<dht::output> ended;
    while (auto next = boxes_[index].machine->poll_output()) {
        if (auto* datagram = std::get_if<dht::send_datagram>(&*next)) {
            transmit(index, *datagram);
        } else {
            ended.push_back(std::move(*next));
        }
    }
    set_timer(index);
    for (dht::output& done : ended) {
        end_operation(index, done);
    }
}

void world::set_timer(std::size_t index)
{
    box& of = boxes_[index];
    const auto due = of.machine ? of.machine->next_timeout() : of.model->next_timeout();
    if (!due) {
        return;
    }
    // An answer that was faster than expected may make older questions overdue at once.
    const dht::time_point when = std::max(world_time(of, *due), now_);
    if (!of.timer || when < *of.timer) {
        of.timer = when;
        queue_.push_timer(*of.timer, static_cast<std::uint32_t>(index));
    }
}

void world::transmit(std::size_t from, dht::send_datagram& datagram)
{
    box& sender = boxes_[from];
    if (sender.change) {
        std::optional<std::string> changed = sender.change(std::move(datagram.octets), datagram.to);
        if (!changed) {
            return;
        }
        datagram.octets = std::move(*changed);
    }
    const std::optional<std::size_t> to = index_of(datagram.to);
    if (!to) {
        return;
    }
    if (sender.is_behind_nat) {
        sender.sent_to[static_cast<std::uint32_t>(*to)] = now_;
    }
    if (datagram.octets.size() > links_.mtu_octets || happens(links_.loss_permille)) {
        return;
    }
    enqueue(from, *to, datagram.octets);
    if (happens(links_.duplication_permille)) {
        enqueue(from, *to, datagram.octets);
    }
}

void world::enqueue(std::size_t from, std::size_t to, const std::string& octets)
{
    const auto most_jitter = static_cast<std::uint64_t>(links_.jitter.count());
    const auto jitter = most_jitter == 0 ? 0 : random_.next() % most_jitter;
    std::chrono::microseconds delay = base_delay(from, to) + std::chrono::microseconds{jitter};
    if (happens(links_.reordering_permille)) {
        const auto most = static_cast<std::uint64_t>(links_.reordered_by.count());
        delay += std::chrono::microseconds{most == 0 ? 0 : random_.next() % most};
    }
    queue_.push_datagram(
        now_ + delay, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), octets);
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

dht::time_point world::now_at(std::size_t index) const
{
    return local_time(boxes_[index], now_);
}

dht::time_point world::local_time(const box& of, dht::time_point when) const
{
    const dht::duration drift = (when - epoch) / million * of.clock.fast_ppm;
    return when + of.clock.ahead + drift;
}

// The first moment at which it is that late by the node's clock.
dht::time_point world::world_time(const box& of, dht::time_point local) const
{
    dht::time_point when = local - of.clock.ahead;
    if (of.clock.fast_ppm != 0) {
        when -= (when - epoch) / (million + of.clock.fast_ppm) * of.clock.fast_ppm;
    }
    while (local_time(of, when) < local) {
        when += local - local_time(of, when);
    }
    return when;
}

bool world::happens(unsigned permille)
{
    return permille > 0 && random_.below(1'000) < permille;
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
    const auto& key = watched_->octets();
    const std::string_view text{reinterpret_cast<const char*>(key.data()), key.size()};
    if (octets.find(text) == std::string::npos) {
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
