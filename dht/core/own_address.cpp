#include "dht/core/own_address.hpp"

#include <algorithm>
#include <string>

namespace dht {
namespace {

constexpr std::size_t most_reports = 8;
constexpr std::size_t witnesses_needed = 2;

// Reporters of one public IPv4 /24 are one: an address is cheap there. Private networks and IPv6
// are told apart by address and port.
std::string place_of(const endpoint& reporter)
{
    std::string octets = to_compact(reporter);
    if (reporter.address.is_v6() || reporter.address.is_loopback()) {
        return octets;
    }
    const auto bytes = reporter.address.to_v4().to_bytes();
    const bool is_private = bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
                            (bytes[0] == 192 && bytes[1] == 168);
    constexpr std::size_t network_octets = 3;
    octets.resize(is_private ? octets.size() : network_octets);
    return octets;
}

}  // namespace

own_address::own_address(const endpoint& bound, const std::optional<endpoint>& advertised)
    : is_fixed_(advertised.has_value() || !bound.address.is_unspecified()),
      is_v4_(bound.address.is_v4())
{
    if (is_fixed_) {
        current_ = advertised.value_or(bound);
    }
}

std::size_t own_address::witnesses(const endpoint& seen) const
{
    std::size_t count = 0;
    for (auto one = reports_.begin(); one != reports_.end(); ++one) {
        const bool repeats = std::any_of(reports_.begin(), one, [&](const auto& earlier) {
            return earlier.second == seen && place_of(earlier.first) == place_of(one->first);
        });
        if (one->second == seen && !repeats) {
            ++count;
        }
    }
    return count;
}

bool own_address::report(const endpoint& reporter, const endpoint& seen)
{
    if (is_fixed_ || !is_reachable_form(seen) || seen.address.is_v4() != is_v4_) {
        return false;
    }
    std::erase_if(reports_, [&](const auto& earlier) { return earlier.first == reporter; });
    reports_.emplace_back(reporter, seen);
    if (reports_.size() > most_reports) {
        reports_.pop_front();
    }
    if (current_ == seen || (current_ && witnesses(seen) < witnesses_needed)) {
        return false;
    }
    current_ = seen;
    return true;
}

}  // namespace dht
