// What a node knows of another node.

#pragma once

#include "dht/core/endpoint.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/time_point.hpp"

#include <algorithm>
#include <optional>

namespace dht {

// Smoothed round-trip time and its variation, as TCP keeps them (RFC 6298, section 2).
class round_trip
{
public:
    void add(duration sample)
    {
        if (!smoothed_) {
            smoothed_ = sample;
            least_ = sample;
            variation_ = sample / 2;
            return;
        }
        // Queues only ever add to the length of the way, so the least sample tells it; ways change,
        // so it is given up slowly.
        least_ = sample < least_ ? sample : least_ + (sample - least_) / least_given_up;
        const duration off = sample > *smoothed_ ? sample - *smoothed_ : *smoothed_ - sample;
        variation_ += (off - variation_) / 4;
        *smoothed_ += (sample - *smoothed_) / 8;
    }

    // Nothing before the first sample.
    std::optional<duration> smoothed() const { return smoothed_; }

    std::optional<duration> least() const
    {
        return smoothed_ ? std::optional{least_} : std::nullopt;
    }

    // When an answer is late: the mean and four times its variation.
    std::optional<duration> late_after() const
    {
        return smoothed_ ? std::optional{*smoothed_ + 4 * variation_} : std::nullopt;
    }

private:
    static constexpr int least_given_up = 32;  // samples, about

    std::optional<duration> smoothed_;
    duration variation_{};
    duration least_{};
};

struct contact
{
    node_id id;
    endpoint at;
    round_trip rtt;
    unsigned failures = 0;  // queries in a row that it left unanswered
    time_point last_answer{};
};

// The contact that a node at this endpoint must be: its ID follows from where it is.
inline contact contact_at(const endpoint& where)
{
    contact who;
    who.id = id_of(where);
    who.at = where;
    return who;
}

}  // namespace dht
