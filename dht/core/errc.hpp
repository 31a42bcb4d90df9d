// Why a datagram is not a message, or a text not the key of a swarm.

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

    unknown_key_form,   // does not begin as a swarm key does
    wrong_key_length,   // characters of it are missing, or there are more
    bad_key_character,  // not base64url, or bits are set that nothing uses
    bad_key_slot,       // there are 16
    other_swarm,        // two keys of a ring are not of one swarm
    slot_taken,         // two keys of a ring have one slot
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
