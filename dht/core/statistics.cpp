#include "dht/core/statistics.hpp"

namespace dht {

std::string_view to_string(drop_reason why)
{
    switch (why) {
    case drop_reason::over_rate: return "over_rate";
    case drop_reason::malformed: return "malformed";
    case drop_reason::other_network: return "other_network";
    case drop_reason::unmatched: return "unmatched";
    case drop_reason::not_sent: return "not_sent";
    case drop_reason::not_read: return "not_read";
    case drop_reason::not_sealed: return "not_sealed";
    case drop_reason::unknown_key: return "unknown_key";
    case drop_reason::not_authentic: return "not_authentic";
    case drop_reason::wrong_time: return "wrong_time";
    case drop_reason::misdirected: return "misdirected";
    }
    return "unknown";
}

}  // namespace dht
