#include "cache/policy/content_coding.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

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

}  // namespace cache
