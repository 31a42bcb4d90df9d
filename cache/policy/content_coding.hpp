// Which content codings a client accepts (RFC 9110, section 12.5.3), reduced to three classes.

#pragma once

#include "cache/policy/field_section.hpp"

#include <cstdint>
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

// Whether everybody in the class accepts the codings of the response (Content-Encoding). Only then
// may requests of the class share it: a response in another coding (zstd for a client that asked
// for it, say) goes to clients that sent the same list.
bool fits_class(const field_section& response, coding_class accepted);

}  // namespace cache
