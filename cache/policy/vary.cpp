#include "cache/policy/vary.hpp"

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

// weight = OWS ";" OWS "q=" qvalue (RFC 9110, section 12.4.2). Nothing if it is malformed.
std::optional<bool> weight_is_positive(std::string_view weight)
{
    if (weight.empty()) {
        return true;
    }
    weight = trim_blanks(weight.substr(1));
    if (weight.size() < 3 || !equal_without_case(weight.substr(0, 2), "q=")) {
        return std::nullopt;
    }
    const std::string_view value = weight.substr(2);
    constexpr std::size_t longest = 5;  // "0.123"
    if (value.size() > longest || (value.front() != '0' && value.front() != '1') ||
        (value.size() > 1 && value[1] != '.')) {
        return std::nullopt;
    }
    bool positive = value.front() == '1';
    for (const char digit : value.substr(std::min<std::size_t>(2, value.size()))) {
        const char greatest = value.front() == '1' ? '0' : '9';
        if (digit < '0' || digit > greatest) {
            return std::nullopt;
        }
        positive = positive || digit != '0';
    }
    return positive;
}

struct codings
{
    std::optional<bool> br;
    std::optional<bool> gzip;
    std::optional<bool> others;  // "*"
};

// False if the member is malformed.
bool note_coding(std::string_view member, codings& accepted)
{
    const std::size_t semicolon = std::min(member.find(';'), member.size());
    const std::string_view name = trim_blanks(member.substr(0, semicolon));
    const std::optional<bool> positive = weight_is_positive(member.substr(semicolon));
    if (!is_token(name) || !positive) {
        return false;
    }
    if (equal_without_case(name, "br")) {
        accepted.br = positive;
    } else if (equal_without_case(name, "gzip") || equal_without_case(name, "x-gzip")) {
        accepted.gzip = positive;
    } else if (name == "*") {
        accepted.others = positive;
    }
    return true;
}

coding_class read_codings(list_members_view members)
{
    codings accepted;
    while (const std::optional<std::string_view> member = members.next()) {
        if (!note_coding(*member, accepted)) {
            return coding_class::identity;
        }
    }
    const bool others = accepted.others.value_or(false);
    if (!accepted.gzip.value_or(others)) {
        return coding_class::identity;
    }
    return accepted.br.value_or(others) ? coding_class::br : coding_class::gzip;
}

// Requests of one class may share the response only if its coding is one that the whole class
// accepts. A response in another coding (zstd for a client that asked for it, say) goes to clients
// that sent the same list.
bool fits_class(const field_section& response, coding_class accepted)
{
    list_members_view applied{response, field::content_encoding};
    while (const std::optional<std::string_view> coding = applied.next()) {
        const bool fits =
            equal_without_case(*coding, "identity") ||
            (equal_without_case(*coding, "gzip") && accepted != coding_class::identity) ||
            (equal_without_case(*coding, "br") && accepted == coding_class::br);
        if (!fits) {
            return false;
        }
    }
    return true;
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
        return same_languages(stored.selecting_fields, request);
    }
    if (is_singleton(id)) {
        return same_lines(stored.selecting_fields, request, id);
    }
    return same_members({stored.selecting_fields, name}, {request, name});
}

std::string join_members(list_members_view members)
{
    std::string joined;
    while (const std::optional<std::string_view> member = members.next()) {
        joined.append(joined.empty() ? "" : ", ").append(*member);
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
    if (!request.contains(name)) {
        return;
    }
    if (!is_singleton(id)) {
        selecting.add(name, join_members({request, name}));
        return;
    }
    for (const field_section::line line : request) {
        if (line.id == id) {
            selecting.add(id, line.value);
        }
    }
}

}  // namespace

coding_class accepted_codings(const field_section& request)
{
    return read_codings({request, field::accept_encoding});
}

std::string_view accept_encoding_for(coding_class accepted)
{
    switch (accepted) {
    case coding_class::identity: break;
    case coding_class::gzip: return "gzip";
    case coding_class::br: return "br, gzip";
    }
    return "identity";
}

std::string_view name_of(coding_class accepted)
{
    switch (accepted) {
    case coding_class::identity: break;
    case coding_class::gzip: return "gzip";
    case coding_class::br: return "br";
    }
    return "identity";
}

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
