#include "cache/policy/vary.hpp"

#include "cache/policy/content_coding.hpp"
#include "cache/policy/grammar.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace cache {
namespace {

// Fields that are no lists: a comma in them is text, so nothing may be normalised.
constexpr std::array singletons{field::authorization,
    field::cookie,
    field::from,
    field::host,
    field::origin,
    field::referer,
    field::user_agent};

bool is_singleton(field id)
{
    return std::find(singletons.begin(), singletons.end(), id) != singletons.end();
}

bool same_members(list_members_view left, list_members_view right)
{
    while (true) {
        const std::optional<std::string_view> a = left.next();
        const std::optional<std::string_view> b = right.next();
        if (a != b) {
            return false;
        }
        if (!a) {
            return true;
        }
    }
}

std::size_t count_members(list_members_view members)
{
    std::size_t count = 0;
    while (members.next()) {
        ++count;
    }
    return count;
}

bool has_member(list_members_view members, std::string_view wanted)
{
    while (const std::optional<std::string_view> member = members.next()) {
        if (equal_without_case(*member, wanted)) {
            return true;
        }
    }
    return false;
}

// Accept-Language means the same in any order and letter case: the weights say what is preferred.
// Longer lists than this are compared as they stand, so that the cost stays linear.
constexpr std::size_t unordered_members = 16;

bool same_languages(const field_section& left, const field_section& right)
{
    const list_members_view all_left{left, field::accept_language};
    const list_members_view all_right{right, field::accept_language};
    const std::size_t count = count_members(all_left);
    if (count != count_members(all_right)) {
        return false;
    }
    if (count > unordered_members) {
        return same_members(all_left, all_right);
    }
    list_members_view members = all_left;
    while (const std::optional<std::string_view> member = members.next()) {
        if (!has_member(all_right, *member)) {
            return false;
        }
    }
    members = all_right;
    while (const std::optional<std::string_view> member = members.next()) {
        if (!has_member(all_left, *member)) {
            return false;
        }
    }
    return true;
}

// The response is in the one language that the request prefers to all others, so that the origin
// could choose nothing better: "semantically equivalent" (section 4.1).
bool is_preferred_language(const field_section& response, const field_section& request)
{
    list_members_view languages{response, field::content_language};
    const std::optional<std::string_view> language = languages.next();
    if (!language || languages.next()) {
        return false;
    }
    std::optional<unsigned> own;
    unsigned best_of_others = 0;
    list_members_view ranges{request, field::accept_language};
    while (const std::optional<std::string_view> member = ranges.next()) {
        const std::size_t semicolon = std::min(member->find(';'), member->size());
        const std::optional<unsigned> weight = parse_weight(member->substr(semicolon));
        if (!weight) {
            return false;
        }
        if (equal_without_case(trim_blanks(member->substr(0, semicolon)), *language)) {
            own = std::min(*weight, own.value_or(*weight));
        } else {
            best_of_others = std::max(best_of_others, *weight);
        }
    }
    return own && *own > best_of_others;
}

bool same_lines(const field_section& left, const field_section& right, field id)
{
    if (left.count(id) != right.count(id)) {
        return false;
    }
    auto other = right.begin();
    for (const field_section::line line : left) {
        if (line.id != id) {
            continue;
        }
        while ((*other).id != id) {
            ++other;
        }
        if (line.value != (*other).value) {
            return false;
        }
        ++other;
    }
    return true;
}

// One field that Vary names: does the request mean what the one that brought the response meant?
bool same_selecting_field(
    const stored_response& stored, const field_section& request, std::string_view name)
{
    const field id = boost::beast::http::string_to_field(name);
    if (id == field::accept_encoding) {
        const coding_class accepted = accepted_codings(stored.selecting_fields);
        if (fits_class(stored.fields, accepted)) {
            return accepted == accepted_codings(request);
        }
    }
    if (stored.selecting_fields.contains(name) != request.contains(name)) {
        return false;  // absent matches absent only (section 4.1)
    }
    if (id == field::accept_language) {
        return same_languages(stored.selecting_fields, request) ||
               is_preferred_language(stored.fields, request);
    }
    if (is_singleton(id)) {
        return same_lines(stored.selecting_fields, request, id);
    }
    return same_members({stored.selecting_fields, name}, {request, name});
}

// Line by line: a quoted string that is never closed must not swallow the next line.
std::string without_blanks(std::string_view list)
{
    std::string joined;
    for (auto member = take_member(list); !member.empty(); member = take_member(list)) {
        joined.append(joined.empty() ? "" : ", ").append(member);
    }
    return joined;
}

void add_selecting_field(const field_section& request,
    const field_section& response,
    std::string_view name,
    field_section& selecting)
{
    const field id = boost::beast::http::string_to_field(name);
    if (id == field::accept_encoding) {
        const coding_class accepted = accepted_codings(request);
        if (fits_class(response, accepted)) {
            selecting.add(id, accept_encoding_for(accepted));
            return;
        }
    }
    for (const field_section::line line : request) {
        if (line.id != id || (id == field::unknown && !equal_without_case(line.name, name))) {
            continue;
        }
        selecting.add(
            name, is_singleton(id) ? std::string{line.value} : without_blanks(line.value));
    }
}

}  // namespace

bool varies_on_everything(const field_section& response)
{
    std::size_t count = 0;
    list_members_view names{response, field::vary};
    while (const std::optional<std::string_view> name = names.next()) {
        if (*name == "*" || !is_token(*name) || ++count > max_vary_names) {
            return true;
        }
    }
    return false;
}

field_section selecting_fields(const field_section& request, const field_section& response)
{
    field_section selecting;
    if (varies_on_everything(response)) {
        return selecting;
    }
    list_members_view names{response, field::vary};
    while (const std::optional<std::string_view> name = names.next()) {
        if (!selecting.contains(*name)) {
            add_selecting_field(request, response, *name, selecting);
        }
    }
    return selecting;
}

bool selects(const stored_response& stored, const field_section& request)
{
    std::size_t count = 0;
    list_members_view names{stored.fields, field::vary};
    while (const std::optional<std::string_view> name = names.next()) {
        // "*" matches no request (section 4.1), and what is no field name is not understood.
        const bool understood = *name != "*" && is_token(*name) && ++count <= max_vary_names;
        if (!understood || !same_selecting_field(stored, request, *name)) {
            return false;
        }
    }
    return true;
}

std::optional<std::size_t> select_variant(
    std::span<const stored_response* const> variants, const field_section& request)
{
    std::optional<std::size_t> selected;
    for (std::size_t i = 0; i != variants.size(); ++i) {
        const bool newer =
            !selected || variants[i]->response_time > variants[*selected]->response_time;
        if (newer && selects(*variants[i], request)) {
            selected = i;
        }
    }
    return selected;
}

}  // namespace cache
