// Heads of the responses we send. Sans-I/O.

#pragma once

#include "cache/policy/stored_response.hpp"
#include "proxy/core/cache_status.hpp"
#include "proxy/core/target.hpp"
#include "proxy/http1/message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace proxy {

// What stays the same each time a stored response is sent: status line, stored fields, Via. Written
// once and kept with the response in the memory tier.
std::string stable_head(
    unsigned status, const cache::field_section& fields, std::string_view pseudonym);

// What a head needs besides: Age, Cache-Status, framing, and whether the connection goes on.
struct head_ending
{
    std::optional<std::chrono::seconds> age = std::nullopt;
    http1::body_framing framing = http1::body_framing::content_length;
    std::uint64_t content_length = 0;
    bool keep_alive = true;
    unsigned client_minor_version = 1;
};

// Completes a head in `out`, which holds a status line and fields.
void append_ending(std::string& out,
    const head_ending& ending,
    std::string_view pseudonym,
    const cache_status& status);

// The fields of a response on its way to the client: for a coralized name what may not leave the
// site is dropped and Location rewritten.
cache::field_section fields_for_client(
    const cache::field_section& fields, const target& where, std::string_view suffix);

// An answer of our own: a refusal or an error. The text is fixed; nothing of the request is in it.
struct own_answer
{
    unsigned status = 500;
    std::string_view text;          // one sentence
    std::string_view proxy_error;   // Proxy-Status error type; empty: none
    std::string_view extra_fields;  // complete lines with CRLF, constants
    bool keep_alive = false;
    bool head_only = false;  // answers a HEAD
};

// Complete message. date is the IMF-fixdate of now.
std::string write_answer(
    const own_answer& answer, std::string_view pseudonym, std::string_view date);

}  // namespace proxy
