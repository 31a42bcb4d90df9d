#include "proxy/http1/request_target.hpp"

#include "proxy/http1/ascii.hpp"
#include "proxy/http1/authority.hpp"

#include <algorithm>

namespace proxy::http1 {
namespace {

// RFC 3986, section 3.1.
bool is_scheme(std::string_view text)
{
    return !text.empty() && is_alpha(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
           });
}

}  // namespace

std::optional<absolute_target_view> split_absolute_target(std::string_view target)
{
    const std::size_t colon = target.find(':');
    if (colon == std::string_view::npos || !target.substr(colon).starts_with("://")) {
        return std::nullopt;
    }
    absolute_target_view parts;
    parts.scheme = target.substr(0, colon);
    const std::string_view rest = target.substr(colon + 3);
    parts.authority = rest.substr(0, rest.find_first_of("/?#"));
    parts.path_and_query = rest.substr(parts.authority.size());
    if (!is_scheme(parts.scheme)) {
        return std::nullopt;
    }
    return parts;
}

result<target_form> classify_target(boost::beast::http::verb verb, std::string_view target)
{
    if (target.empty() || !consists_of(target_octet, target)) {
        return errc::malformed_target;
    }
    if (verb == boost::beast::http::verb::connect) {
        // Authority-form and nothing else; the port is not optional (RFC 9110, section 9.3.6).
        const std::optional<authority_view> authority = parse_authority(target);
        if (!authority || !authority->port) {
            return errc::malformed_target;
        }
        return target_form::authority;
    }
    if (target.front() == '/') {
        return target_form::origin;
    }
    if (target == "*") {
        if (verb != boost::beast::http::verb::options) {
            return errc::malformed_target;
        }
        return target_form::asterisk;
    }
    const std::optional<absolute_target_view> absolute = split_absolute_target(target);
    if (!absolute || !parse_authority(absolute->authority)) {
        return errc::malformed_target;
    }
    return target_form::absolute;
}

}  // namespace proxy::http1
