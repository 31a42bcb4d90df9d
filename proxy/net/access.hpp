// One line of the access log, before it is written.

#pragma once

#include "proxy/core/cache_status.hpp"

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace proxy {

// Views into the request; valid during the call that logs it.
struct log_record
{
    boost::asio::ip::address client;
    std::chrono::system_clock::time_point time;
    std::string_view method;
    std::string_view target;  // as received
    std::string_view host;
    unsigned minor_version = 1;
    unsigned status = 0;
    std::uint64_t content_octets = 0;
    cache_status cache;
    std::chrono::nanoseconds duration{0};
};

}  // namespace proxy
