// Why a datagram is not a message.

#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace dht {

enum class errc
{
    too_large = 1,   // longer than any datagram we read
    bad_syntax,      // not one bencoded value from the first octet to the last
    not_canonical,   // keys out of order or repeated, a number with needless digits
    too_many_items,  // more parts than any message has
    too_deep,        // nested deeper than any message is
    missing_field,   // a field without which the message has no meaning
    wrong_type,      // a field that is not of its type or not of its length
    out_of_range,    // a number that its field cannot hold
    unknown_kind,    // neither query nor response nor error
};

const boost::system::error_category& category();
boost::system::error_code make_error_code(errc code);

template <class T>
using result = boost::system::result<T>;

}  // namespace dht

template <>
struct boost::system::is_error_code_enum<dht::errc> : std::true_type
{
};
