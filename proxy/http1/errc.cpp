#include "proxy/http1/errc.hpp"

#include <string>

namespace proxy::http1 {
namespace {

const char* describe(errc code)
{
    switch (code) {
    case errc::malformed_start_line:
        return "the first line is no HTTP/1.1 request line or status line";
    case errc::malformed_target: return "the request target does not fit the method or the grammar";
    case errc::malformed_field_line:
        return "a header line has no name, a blank before its colon, a fold or a control character";
    case errc::malformed_host: return "Host is absent, repeated or not a host with a port";
    case errc::malformed_content_length:
        return "Content-Length is repeated, a list, not a number or too large";
    case errc::malformed_transfer_coding:
        return "Transfer-Encoding is not the single coding chunked, or has no place in this "
               "message";
    case errc::malformed_chunk: return "a chunk of the body is malformed";
    case errc::target_too_long: return "the request line is too long";
    case errc::fields_too_large: return "the header or trailer section is too large";
    case errc::too_many_fields: return "the header section has too many lines";
    case errc::chunk_overhead_too_large: return "the chunks carry more framing than content";
    case errc::unknown_transfer_coding: return "a transfer coding other than chunked is not known";
    case errc::unsupported_version: return "the version is not HTTP/1.0 or HTTP/1.1";
    case errc::unknown_expectation: return "an expectation other than 100-continue is not met";
    case errc::unexpected_upgrade: return "the protocol was switched without a request to do so";
    case errc::incomplete_message: return "the connection ended inside a message";
    }
    return "unknown error";
}

class http1_category final : public boost::system::error_category
{
public:
    const char* name() const noexcept override { return "http1"; }
    std::string message(int value) const override { return describe(static_cast<errc>(value)); }
};

}  // namespace

const boost::system::error_category& category()
{
    static const http1_category instance;
    return instance;
}

boost::system::error_code make_error_code(errc code)
{
    return {static_cast<int>(code), category()};
}

unsigned status_for(const boost::system::error_code& error)
{
    constexpr unsigned bad_request = 400;
    if (error.category() != category()) {
        return bad_request;
    }
    switch (static_cast<errc>(error.value())) {
    case errc::target_too_long: return 414;
    case errc::unknown_expectation: return 417;
    case errc::fields_too_large:
    case errc::too_many_fields: return 431;
    case errc::unknown_transfer_coding: return 501;
    case errc::unsupported_version: return 505;
    default: return bad_request;
    }
}

}  // namespace proxy::http1
