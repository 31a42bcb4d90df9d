// Whether strangers reach this node, or only those whom it has spoken to: a gateway (NAT) or a
// firewall lets answers in and nothing else.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/time_point.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dht {

enum class reach : std::uint8_t
{
    unknown,  // taken for open until it is proved that it is not
    open,     // a stranger has reached us
    closed,   // nobody did who was told to: this node asks, and is not to be asked
};

std::string_view to_string(reach which);

// A query from somebody whom we have sent nothing lately proves that we are reached. If none comes
// by itself, a round of probes asks two contacts to have other nodes ping us. Two rounds in which
// both did so and nothing came mean closed; a ping from a node that we have spoken to proves
// nothing either way. Sends nothing itself.
class reachability
{
public:
    reachability(const config& settings, time_point now);

    reach verdict() const { return verdict_; }

    // Every datagram of ours opens the gateway for its receiver.
    void sent_to(const endpoint& whom, time_point now);

    // A query came, before it is answered. is_probe: it is one of those that we asked for.
    void asked_by(const endpoint& from, bool is_probe, time_point now);

    // Periodically: ends a round that has had its time, and says whether another is to begin.
    bool is_round_due(time_point now);
    void begin_round(time_point now);

    // A contact has told another node to ping us.
    void passed_on() { ++passed_on_; }

    // Another address, another gateway perhaps.
    void moved(time_point now);

private:
    // By a hash of the address: a gateway may tell ports apart, so one port heard from is not
    // taken as proof for the others. Who falls on a slot with another looks spoken to, which proves
    // nothing.
    static constexpr std::size_t slots = 2'048;

    std::size_t slot_of(const endpoint& where) const;
    bool is_stranger(const endpoint& from, time_point now) const;
    void end_round(time_point now);

    duration first_;
    duration again_;
    duration patience_;
    duration gateway_memory_;
    std::array<std::uint32_t, slots> sent_{};  // seconds of time_point, 0: never
    reach verdict_ = reach::unknown;
    time_point due_;
    bool in_round_ = false;
    time_point round_ends_{};
    std::size_t passed_on_ = 0;
    bool is_probed_ = false;  // in this round, by somebody we have spoken to
    unsigned failed_rounds_ = 0;
    duration retry_;  // after a round that proved nothing; doubled
};

}  // namespace dht
