// Comma-separated lists of simple members (RFC 9110, section 5.6.1). Not for fields whose members
// may hold quoted strings or comments.

#pragma once

#include "proxy/http1/ascii.hpp"

#include <string_view>

namespace proxy::http1 {

constexpr std::string_view trim_blanks(std::string_view text)
{
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Calls visit(member) for each member of a list, in order, blanks around it removed; empty members
// included, so that a strict caller can refuse them.
template <class Visitor>
void for_each_list_member(std::string_view list, Visitor visit)
{
    while (true) {
        const std::size_t comma = list.find(',');
        visit(trim_blanks(list.substr(0, comma)));
        if (comma == std::string_view::npos) {
            return;
        }
        list.remove_prefix(comma + 1);
    }
}

}  // namespace proxy::http1
