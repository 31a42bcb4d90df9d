// Selecting among the stored responses of one key (RFC 9111, section 4.1).

#pragma once

#include "cache/policy/stored_response.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace cache {

// More names than this in Vary select nothing: every hit would pay for them.
inline constexpr std::size_t max_vary_names = 16;

// The response can be selected by no later request: Vary holds "*" anywhere, or what is no field
// name, or too many names.
bool varies_on_everything(const field_section& response);

// The lines of the request fields that the response's Vary names, in the order of Vary and in
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
