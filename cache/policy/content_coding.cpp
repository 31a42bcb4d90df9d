#include "cache/policy/content_coding.hpp"

#include "cache/policy/grammar.hpp"

#include <algorithm>

namespace cache {
namespace {

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
    const std::optional<unsigned> weight = parse_weight(member.substr(semicolon));
    if (!is_token(name) || !weight) {
        return false;
    }
    const bool positive = *weight != 0;
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
