#include "tests/sim/world/world.hpp"

#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

namespace sim {
namespace {

constexpr std::uint16_t port = 4'128;
constexpr std::uint32_t first_address = 0x0a000001;  // 10.0.0.1
constexpr std::uint64_t events_between_checks = 512;
constexpr std::chrono::seconds farewell{1};  // as the program takes

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

// Says once how to come back to where the first expectation failed.
class world::failure_teller final : public ::testing::EmptyTestEventListener
{
public:
    explicit failure_teller(const world& of) : of_(of) {}

    void OnTestPartResult(const ::testing::TestPartResult& result) override
    {
        if (result.failed() && !std::exchange(has_told_, true)) {
            std::cerr << "replay with seed " << of_.seed_ << "; failed at event " << of_.events_
                      << ", " << std::chrono::duration<double>(of_.now_ - epoch).count()
                      << " s after the start\n";
        }
    }

private:
    const world& of_;
    bool has_told_ = false;
};

world::world(std::uint64_t seed, const link_model& links, const dht::config& settings)
    : seed_(seed),
      links_(links),
      settings_(settings),
      random_(seed),
      now_(epoch),
      teller_(std::make_unique<failure_teller>(*this))
{
    ::testing::UnitTest::GetInstance()->listeners().Append(teller_.get());
}

world::~world()
{
    expect_no_operation_overdue();
    ::testing::UnitTest::GetInstance()->listeners().Release(teller_.get());
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

void world::leave(std::size_t index)
{
    constexpr std::size_t most_withdrawn = 64;
    at(index).withdraw_all(most_withdrawn, now_at(index));
    drain(index);
    at(now_ + farewell, [this, index, of = boxes_[index].incarnation] {
        if (is_up(index) && boxes_[index].incarnation == of) {
            kill(index);
        }
    });
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
    if (to.timer != happening.when || !is_up(happening.to)) {
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
        for (witness* const one : witnesses_) {
            one->had_timer(happening.to);
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
    if (!is_up(happening.to) || !is_passed(happening)) {
        return;
    }
    ++datagrams_;
    mix_in(trace_, static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    mix_in(trace_, std::uint64_t{happening.from} << 32 | happening.to);
    mix_in(trace_, octets);
    count_watched(happening.to, octets);
    for (witness* const one : witnesses_) {
        one->arrives(happening.from, happening.to, bytes_of(octets));
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
    for (witness* const one : witnesses_) {
        one->has_handled(happening.from, happening.to, bytes_of(octets));
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
    // What waited for a free place may be due since long; nothing else may be.
    const dht::time_point wanted = world_time(of, *due);
    const dht::time_point when = std::max(wanted, now_);
    if (of.paused_until <= now_) {
        most_overdue_ = std::max(most_overdue_, when - wanted);
    }
    if (!of.timer || when < *of.timer) {
        of.timer = when;
        queue_.push_timer(*of.timer, static_cast<std::uint32_t>(index));
    }
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
