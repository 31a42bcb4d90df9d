// Why a message was refused (RFC 9112). Each value maps to what a client is told, or to 502 for an
// origin.

#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace proxy::http1 {

enum class errc
{
    // The grammar of RFC 9112 or RFC 9110 does not allow it; nothing after it can be framed. 400.
    malformed_start_line = 1,
    malformed_target,
    malformed_field_line,       // no colon, blank before it, obs-fold, bare CR or LF, NUL, control
                                // character
    malformed_host,             // absent, repeated, or not an authority without userinfo
    malformed_content_length,   // not digits, over 2^53, repeated, or a list
    malformed_transfer_coding,  // chunked not alone and last, in HTTP/1.0, or beside Content-Length
    malformed_chunk,
    // A limit. 414, 431, 431, 400.
    target_too_long,
    fields_too_large,
    too_many_fields,
    chunk_overhead_too_large,
    // Understood, and not done. 501, 505, 417.
    unknown_transfer_coding,
    unsupported_version,
    unknown_expectation,
    // A 101 that nobody asked for (RFC 9110, section 15.2.2). Responses only.
    unexpected_upgrade,
    // The connection ended inside a message.
    incomplete_message,
};

const boost::system::error_category& category();
boost::system::error_code make_error_code(errc code);

// The status of the answer to a request refused for this reason: 400 unless the reason has one of
// its own.
unsigned status_for(const boost::system::error_code& error);

template <class T>
using result = boost::system::result<T>;

}  // namespace proxy::http1

template <>
struct boost::system::is_error_code_enum<proxy::http1::errc> : std::true_type
{
};
