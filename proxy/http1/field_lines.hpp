// Field lines of a header section (RFC 9112, section 5).

#pragma once

#include "cache/policy/field_section.hpp"
#include "proxy/http1/errc.hpp"

#include <string_view>

namespace proxy::http1 {

// Appends the lines to fields. `lines` is empty or ends in CRLF. errc::malformed_field_line for
// whatever is not `token ":" OWS field-value OWS CRLF`: obs-fold and a blank before the colon
// (section 5.1 and 5.2 require a refusal in requests), bare CR, NUL and other control characters
// (section 2.2; RFC 9110, section 5.5).
result<void> parse_field_lines(std::string_view lines, cache::field_section& fields);

}  // namespace proxy::http1
