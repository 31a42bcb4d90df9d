// Structured Fields (RFC 9651): the grammar that newer fields share. Read strictly, as that RFC
// wants it: one fault anywhere and the whole field is no value.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cache {

enum class structured_type : std::uint8_t
{
    integer,
    decimal,
    string,
    token,
    byte_sequence,
    boolean,
    date,
    display_string,
    inner_list,
};

// A value without its parameters; these, and the members of inner lists, are checked and not kept:
// nothing here reads them.
struct structured_value
{
    structured_type type = structured_type::boolean;
    std::int64_t number = 0;  // of an integer; of a decimal in thousandths; seconds of a date; 0, 1
    std::string text;         // of a string, token or display string; octets of a byte sequence

    friend bool operator==(const structured_value&, const structured_value&) = default;
};

// In the order in which the keys came last; each key once.
using structured_dictionary = std::vector<std::pair<std::string, structured_value>>;

// Section 4.2.2. text: the lines of a field joined by commas. An empty text is an empty dictionary.
std::optional<structured_dictionary> parse_structured_dictionary(std::string_view text);

}  // namespace cache
