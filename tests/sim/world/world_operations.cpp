// What the nodes of a world are asked to do.

#include "tests/sim/world/world.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <variant>

namespace sim {
namespace {

// By whose clock an operation ends: those of nodes may be fast or slow by so much.
constexpr std::chrono::seconds clock_tolerance{1};

}  // namespace

void world::end_operation(std::size_t index, dht::output& done)
{
    if (std::holds_alternative<dht::lease_lost>(done)) {
        ++leases_lost_;
        return;
    }
    if (auto* claim = std::get_if<dht::claim_done>(&done)) {
        claims_[{index, claim->operation}] = {now_, std::move(claim->result)};
        return;
    }
    const auto* const get = std::get_if<dht::get_done>(&done);
    const auto* const put = std::get_if<dht::put_done>(&done);
    const auto found = operations_.find({index, get != nullptr ? get->operation : put->operation});
    if (found == operations_.end()) {
        return;  // one of the node's own
    }
    const pending_operation ended = std::move(found->second);
    operations_.erase(found);
    EXPECT_LE(now_, ended.deadline) << "an operation must end within its time";
    if (get != nullptr && ended.got) {
        ended.got(get->result);
    }
    if (put != nullptr && ended.put) {
        ended.put(*put);
    }
}

void world::expect_no_operation_overdue() const
{
    for (const auto& [key, pending] : operations_) {
        EXPECT_TRUE(now_ <= pending.deadline || boxes_[key.first].paused_until > now_)
            << "operation " << key.second << " of node " << key.first << " has not ended";
    }
}

void world::begin_get(
    std::size_t index, const dht::node_id& key, get_handler done, std::chrono::milliseconds budget)
{
    const dht::operation_id operation = at(index).get(key, budget, now_at(index));
    operations_[{index, operation}] = {now_ + budget + clock_tolerance, std::move(done), {}};
    drain(index);
}

dht::get_result world::get(
    std::size_t index, const dht::node_id& key, std::chrono::milliseconds budget)
{
    return wait_for_get(index, at(index).get(key, budget, now_at(index)), budget);
}

dht::get_result world::get_again(std::size_t index,
    const dht::node_id& key,
    const std::vector<dht::endpoint>& rejected,
    std::chrono::milliseconds budget)
{
    return wait_for_get(index, at(index).get_again(key, rejected, budget, now_at(index)), budget);
}

dht::get_result world::wait_for_get(
    std::size_t index, dht::operation_id operation, std::chrono::milliseconds budget)
{
    const dht::time_point end = now_ + budget + clock_tolerance;
    std::optional<dht::get_result> result;
    const auto told = [&](const dht::get_result& got) { result = got; };
    operations_[{index, operation}] = {end, told, {}};
    drain(index);
    while (!result && step(end)) {
    }
    EXPECT_TRUE(result.has_value()) << "a get must end within its budget";
    return result.value_or(dht::get_result{});
}

void world::begin_put(std::size_t index, const dht::node_id& key, std::chrono::seconds life)
{
    dht::pointer value;
    value.life = life;
    const dht::operation_id operation = at(index).put(key, value, now_at(index));
    const auto time = boxes_[index].settings.put_deadline;
    operations_[{index, operation}] = {now_ + time + clock_tolerance, {}, {}};
    drain(index);
}

dht::put_done world::put(std::size_t index, const dht::node_id& key, std::chrono::seconds life)
{
    dht::pointer value;
    value.life = life;
    const dht::operation_id operation = at(index).put(key, value, now_at(index));
    const dht::time_point end = now_ + boxes_[index].settings.put_deadline + clock_tolerance;
    std::optional<dht::put_done> result;
    operations_[{index, operation}] = {end, {}, [&](const dht::put_done& done) { result = done; }};
    drain(index);
    while (!result && step(end)) {
    }
    EXPECT_TRUE(result.has_value()) << "a put must end within its deadline";
    return result.value_or(dht::put_done{});
}

dht::operation_id world::begin_claim(std::size_t index,
    const dht::node_id& key,
    dht::lease_number silent,
    std::chrono::milliseconds budget)
{
    const dht::operation_id operation = at(index).claim_lost(key, silent, budget, now_at(index));
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
    at(index).complete(key, number, value, std::chrono::hours{1}, now_at(index));
    drain(index);
}

void world::release(
    std::size_t index, const dht::node_id& key, dht::lease_number number, dht::release_reason why)
{
    at(index).release(key, number, why, now_at(index));
    drain(index);
}

void world::announce(std::size_t index,
    const dht::node_id& key,
    std::chrono::seconds life,
    const dht::pointer& value)
{
    EXPECT_TRUE(at(index).announce(key, value, life, now_at(index)));
    drain(index);
}

void world::withdraw(std::size_t index, const dht::node_id& key)
{
    at(index).withdraw(key, now_at(index));
    drain(index);
}

}  // namespace sim
