#include "dht/core/datagram_gate.hpp"

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"

#include <utility>
#include <variant>

namespace dht {
namespace {

direction direction_of(const message& what)
{
    return std::holds_alternative<query>(what.body) ? direction::query : direction::answer;
}

}  // namespace

datagram_gate::datagram_gate(const config& settings, random_source& random)
    : datagram_octets_(settings.datagram_octets), padded_query_octets_(settings.padded_query_octets)
{
    if (!settings.swarm.is_empty()) {
        envelope_.emplace(settings.swarm, settings.clock_tolerance, random);
    }
}

unix_time datagram_gate::at(time_point now) const
{
    return unix_time{
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch() + unix_offset_)};
}

std::string datagram_gate::leave(const message& what, time_point now)
{
    return leave(direction_of(what), encode(what, padded_query_octets_), now);
}

std::string datagram_gate::leave(direction which, std::string octets, time_point now)
{
    return envelope_ ? envelope_->seal(which, octets, at(now)) : std::move(octets);
}

boost::system::result<datagram_gate::entered, drop_reason> datagram_gate::enter(
    std::span<const std::byte> datagram, time_point now)
{
    if (datagram.size() > datagram_octets_) {
        return drop_reason::malformed;
    }
    std::optional<direction> sealed_as;
    if (envelope_) {
        const auto opened = envelope_->open(datagram, at(now));
        if (!opened) {
            return opened.error();
        }
        sealed_as = opened->which;
        datagram = opened->datagram;
    }
    result<message> decoded = decode(datagram);
    if (!decoded) {
        return drop_reason::malformed;
    }
    if (sealed_as && *sealed_as != direction_of(*decoded)) {
        return drop_reason::misdirected;
    }
    return entered{std::move(*decoded), datagram.size()};
}

}  // namespace dht
