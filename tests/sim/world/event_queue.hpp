// What is to happen in a simulation, in the order of its time.

#pragma once

#include "dht/core/time_point.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sim {

enum class event_kind : std::uint8_t
{
    datagram,  // octets from `from` reach `to`
    timer,     // `to` has something to do
    action,    // of the scenario
};

struct event
{
    dht::time_point when;
    std::uint64_t number = 0;  // events of one moment happen in the order in which they were queued
    event_kind kind = event_kind::timer;
    std::uint32_t to = 0;
    std::uint32_t from = 0;
    std::uint32_t payload = 0;  // where the queue keeps octets or action
};

// The heap moves small records only; octets stay where they are, in places that are used again.
class event_queue
{
public:
    bool empty() const { return heap_.empty(); }
    const event& next() const { return heap_.front(); }
    std::size_t size() const { return heap_.size(); }

    void push_timer(dht::time_point when, std::uint32_t to)
    {
        push({when, 0, event_kind::timer, to, 0, 0});
    }

    void push_datagram(
        dht::time_point when, std::uint32_t from, std::uint32_t to, std::string octets)
    {
        push({when, 0, event_kind::datagram, to, from, datagrams_.keep(std::move(octets))});
    }

    void push_action(dht::time_point when, std::function<void()> action)
    {
        push({when, 0, event_kind::action, 0, 0, actions_.keep(std::move(action))});
    }

    event pop()
    {
        std::pop_heap(heap_.begin(), heap_.end(), is_later);
        const event first = heap_.back();
        heap_.pop_back();
        return first;
    }

    // Of an event that was popped; once.
    std::string take_octets(const event& of) { return datagrams_.take(of.payload); }
    std::function<void()> take_action(const event& of) { return actions_.take(of.payload); }

private:
    template <class Value>
    class places
    {
    public:
        std::uint32_t keep(Value value)
        {
            if (free_.empty()) {
                values_.push_back(std::move(value));
                return static_cast<std::uint32_t>(values_.size() - 1);
            }
            const std::uint32_t place = free_.back();
            free_.pop_back();
            values_[place] = std::move(value);
            return place;
        }

        Value take(std::uint32_t place)
        {
            free_.push_back(place);
            return std::exchange(values_[place], Value{});
        }

    private:
        std::vector<Value> values_;
        std::vector<std::uint32_t> free_;
    };

    static bool is_later(const event& left, const event& right)
    {
        return left.when != right.when ? left.when > right.when : left.number > right.number;
    }

    void push(event fresh)
    {
        fresh.number = ++numbered_;
        heap_.push_back(fresh);
        std::push_heap(heap_.begin(), heap_.end(), is_later);
    }

    std::vector<event> heap_;
    std::uint64_t numbered_ = 0;
    places<std::string> datagrams_;
    places<std::function<void()>> actions_;
};

}  // namespace sim
