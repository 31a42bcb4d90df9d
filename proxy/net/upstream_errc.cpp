#include "proxy/net/upstream_errc.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace proxy {

namespace {

// What each reason means to a client: one row per value, in the order of the enum.
struct row
{
    upstream_errc code;
    unsigned status;
    std::string_view proxy_status;
    const char* sentence;
};

constexpr row rows[] = {
    {upstream_errc::resolve_failed, 502, "dns_error", "the name of the server has no address"},
    {upstream_errc::resolve_timeout, 504, "dns_timeout", "no name server answered in time"},
    {upstream_errc::egress_refused,
        403,
        "destination_ip_prohibited",
        "the server is at an address that this proxy may not connect to (see --allow-target)"},
    {upstream_errc::connect_refused,
        502,
        "connection_refused",
        "the server refused the connection"},
    {upstream_errc::connect_failed,
        502,
        "destination_ip_unroutable",
        "the server could not be reached"},
    {upstream_errc::connect_timeout,
        504,
        "connection_timeout",
        "the server did not accept the connection in time"},
    {upstream_errc::tls_failed, 502, "tls_protocol_error", "the TLS handshake failed"},
    {upstream_errc::tls_certificate_refused,
        502,
        "tls_certificate_error",
        "the certificate of the server is not valid for its name"},
    {upstream_errc::write_timeout,
        504,
        "connection_write_timeout",
        "the server stopped taking the request"},
    {upstream_errc::first_byte_timeout,
        504,
        "http_response_timeout",
        "the server did not answer in time"},
    {upstream_errc::idle_timeout,
        504,
        "connection_read_timeout",
        "the server fell silent in the middle of its answer"},
    {upstream_errc::malformed_response,
        502,
        "http_protocol_error",
        "the answer of the server is not valid HTTP"},
    {upstream_errc::head_too_large,
        502,
        "http_response_header_section_size",
        "the header section of the answer is too large"},
    {upstream_errc::closed_before_response,
        502,
        "connection_terminated",
        "the server closed the connection without an answer"},
    {upstream_errc::closed_early,
        502,
        "http_response_incomplete",
        "the server closed the connection in the middle of its answer"},
    {upstream_errc::too_many_interim,
        502,
        "http_protocol_error",
        "the server sent interim answers without end"},
    {upstream_errc::overloaded,
        503,
        "connection_limit_reached",
        "too many connections are being opened"},
    {upstream_errc::cancelled, 502, "proxy_internal_error", "the request was given up"},
};

constexpr row unknown_row = {
    upstream_errc::cancelled, 502, "proxy_internal_error", "unknown upstream error"};

constexpr const row& row_of(int value)
{
    for (const row& candidate : rows) {
        if (static_cast<int>(candidate.code) == value) {
            return candidate;
        }
    }
    return unknown_row;
}

class category_type final : public boost::system::error_category
{
public:
    const char* name() const noexcept override { return "upstream"; }
    std::string message(int value) const override { return row_of(value).sentence; }
};

const row& row_of(const boost::system::error_code& error)
{
    return error.category() == upstream_category() ? row_of(error.value()) : unknown_row;
}

}  // namespace

const boost::system::error_category& upstream_category()
{
    static const category_type instance;
    return instance;
}

boost::system::error_code make_error_code(upstream_errc code)
{
    return boost::system::error_code(static_cast<int>(code), upstream_category());
}

fetch_failure failure_of(const boost::system::error_code& error)
{
    const row& found = row_of(error);
    return {found.status, found.proxy_status, found.sentence};
}

}  // namespace proxy
