// The four forms of a request target (RFC 9112, section 3.2).

#pragma once

#include "proxy/http1/errc.hpp"
#include "proxy/http1/message.hpp"

#include <optional>
#include <string_view>

namespace proxy::http1 {

struct absolute_target_view
{
    std::string_view scheme;
    std::string_view authority;
    std::string_view path_and_query;  // empty, or begins with '/', '?' or '#'
};

// "scheme://authority..." in its parts; nothing if the text does not look so.
std::optional<absolute_target_view> split_absolute_target(std::string_view target);

// Which form the target of a request with that method has. errc::malformed_target unless the octets
// are visible ASCII without '#', the form fits the method, and the authority, if there is one, is
// valid.
result<target_form> classify_target(boost::beast::http::verb verb, std::string_view target);

}  // namespace proxy::http1
