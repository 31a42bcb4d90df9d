// Selecting among the stored responses of one key (RFC 9111, section 4.1).

#pragma once

#include "cache/policy/stored_response.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace cache {

// What a client accepts, in three classes. Each member of a class accepts every coding that may
// answer the class, and everybody accepts identity.
enum class coding_class : std::uint8_t
{
    identity,  // neither of the others, or unreadable
    gzip,      // gzip but not br
    br,        // both br and gzip
};

// Reads Accept-Encoding with its weights (RFC 9110, section 12.5.3). A client that sends none is
// given identity, which is what servers do. A line that is malformed anywhere counts for nothing.
coding_class accepted_codings(const field_section& request);

// The Accept-Encoding that goes out for the class: "identity", "gzip" or "br, gzip".
std::string_view accept_encoding_for(coding_class accepted);

// The name of the class in the index: "identity", "gzip" or "br".
std::string_view name_of(coding_class accepted);

// More names than this in Vary select nothing: every hit would pay for them.
inline constexpr std::size_t max_vary_names = 16;

// The response can be selected by no later request: Vary holds "*" anywhere, or what is no field
// name, or too many names.
bool varies_on_everything(const field_section& response);

// The request fields that the response's Vary names, one line each, in the order of Vary and in
// normal form: lists without superfluous blanks and empty members, Accept-Encoding as its class.
// Absent fields are left out.
field_section selecting_fields(const field_section& request, const field_section& response);

// Whether the request selects the stored response: each field that its Vary names is absent on both
// sides or means the same on both. No allocation.
bool selects(const stored_response& stored, const field_section& request);

// Which of the stored responses the request selects; the most recent one if there are several.
std::optional<std::size_t> select_variant(
    std::span<const stored_response* const> variants, const field_section& request);

}  // namespace cache
