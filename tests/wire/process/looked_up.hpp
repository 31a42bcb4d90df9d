// What a peer's own search of the index says.

#pragma once

#include "tests/support/atoll_peer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <string>

namespace support {

// what: "key=" with hexadecimal digits, or "url=". Null if the peer gives no answer.
inline boost::json::value looked_up(const atoll_peer& peer, const std::string& what)
{
    const std::string page = peer.admin_page("/v1/lookup?" + what);
    return page.empty() ? boost::json::value() : boost::json::parse(page);
}

// Whether it names this address as a holder.
inline bool is_named(const atoll_peer& peer, const std::string& what, const std::string& where)
{
    const boost::json::value report = looked_up(peer, what);
    if (!report.is_object()) {
        return false;
    }
    const auto& named = report.at("pointers").as_array();
    return std::any_of(named.begin(), named.end(), [&](const boost::json::value& one) {
        return one.at("address").as_string() == where;
    });
}

}  // namespace support
