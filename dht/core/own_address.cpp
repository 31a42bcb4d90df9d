#include "dht/core/own_address.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>

namespace dht {
namespace {

constexpr std::size_t most_reports = 8;
constexpr std::size_t witnesses_needed = 2;

// Reporters of one public subnet are one: an address is cheap there. Others are told apart by
// address and port.
std::string place_of(const endpoint& reporter)
{
    const auto subnet = public_subnet_of(reporter.address);
    return subnet ? std::to_string(*subnet) : to_compact(reporter);
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
    if (!is_reachable_form(seen) || seen.address.is_v4() != is_v4_) {
        return false;
    }
    std::erase_if(reports_, [&](const auto& earlier) { return earlier.first == reporter; });
    reports_.emplace_back(reporter, seen);
    if (reports_.size() > most_reports) {
        reports_.pop_front();
    }
    is_symmetric_nat_ = sees_symmetric_nat();
    if (is_fixed_ || current_ == seen || (current_ && witnesses(seen) < witnesses_needed)) {
        return false;
    }
    current_ = seen;
    return true;
}

bool own_address::sees_symmetric_nat() const
{
    std::set<std::string> places;
    std::set<std::uint16_t> ports;
    for (const auto& [reporter, seen] : reports_) {
        if (seen.address != reports_.back().second.address ||
            !places.insert(place_of(reporter)).second) {
            continue;
        }
        if (!ports.insert(seen.port).second) {
            return false;
        }
    }
    return ports.size() > witnesses_needed;
}

}  // namespace dht
