#include "proxy/core/cache_status.hpp"

#include <array>
#include <charconv>

namespace proxy {
namespace {

void append_number(std::string& out, std::int64_t number)
{
    std::array<char, 20> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    static_cast<void>(error);  // twenty characters hold every number of 64 bits
    out.append(digits.data(), end);
}

}  // namespace

void append_cache_status(std::string& out, std::string_view pseudonym, const cache_status& status)
{
    out.append(pseudonym);
    // hit and fwd exclude each other (RFC 9211, section 2.2).
    if (status.hit) {
        out.append(";hit");
    } else if (status.forward != cache::forward_reason::none) {
        out.append(";fwd=").append(cache::token_of(status.forward));
        if (status.forward_status != 0) {
            out.append(";fwd-status=");
            append_number(out, status.forward_status);
        }
        if (status.stored) {
            out.append(";stored");
        }
        if (status.collapsed) {
            out.append(";collapsed");
        }
    }
    if (status.ttl) {
        out.append(";ttl=");
        append_number(out, status.ttl->count());
    }
    const bool has_source = status.source != fetch_source::none;
    if (has_source || !status.detail.empty()) {
        out.append(";detail=");
        out.append(has_source ? to_string(status.source) : std::string_view{});
        out.append(has_source && !status.detail.empty() ? "/" : "").append(status.detail);
    }
}

void append_proxy_status(std::string& out, std::string_view pseudonym, std::string_view error)
{
    out.append(pseudonym);
    if (!error.empty()) {
        out.append(";error=").append(error);
    }
}

}  // namespace proxy
