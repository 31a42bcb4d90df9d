// The pure pieces of `atoll get`.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace proxy {

// The head of the request for the peer's client port; nothing if the URL is none of http or https.
std::optional<std::string> get_request(std::string_view url, bool only_if_cached);

// In words: where the body came from, by the Cache-Status of the response.
std::string source_of(std::string_view cache_status);

}  // namespace proxy
