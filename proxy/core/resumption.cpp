#include "proxy/core/resumption.hpp"

#include "cache/policy/range.hpp"

#include <string>
#include <string_view>

namespace proxy {
namespace {

using cache::field;

bool same_validators(const cache::field_section& begun, const cache::field_section& answer)
{
    return begun.first(field::etag) == answer.first(field::etag) &&
           begun.first(field::last_modified) == answer.first(field::last_modified);
}

}  // namespace

bool can_resume_by_range(const cache::stored_response& begun)
{
    const std::optional<std::string_view> tag = begun.fields.first(field::etag);
    return begun.status == 200 && tag && tag->size() >= 2 && tag->front() == '"' &&
           tag->back() == '"';
}

cache::field_section resume_fields(const cache::stored_response& begun, std::uint64_t delivered)
{
    cache::field_section fields;
    if (delivered != 0 && can_resume_by_range(begun)) {
        fields.add(field::range, "bytes=" + std::to_string(delivered) + "-");
        fields.add(field::if_range, *begun.fields.first(field::etag));
    }
    return fields;
}

std::optional<std::uint64_t> known_octets(const cache::stored_response& begun,
    std::optional<std::uint64_t> body_octets,
    std::uint64_t delivered,
    const http1::response_head& answer)
{
    if (!same_validators(begun.fields, answer.fields)) {
        return std::nullopt;
    }
    if (answer.status == begun.status && answer.status != 206) {
        const bool length_known = answer.framing == http1::body_framing::content_length;
        if (body_octets && length_known && answer.content_length != *body_octets) {
            return std::nullopt;
        }
        return delivered;
    }
    if (answer.status != 206 || !can_resume_by_range(begun)) {
        return std::nullopt;
    }
    const auto range =
        cache::parse_content_range(answer.fields.first(field::content_range).value_or(""));
    const bool fits = range && range->first == delivered && range->last + 1 == range->complete &&
                      (!body_octets || range->complete == *body_octets);
    // The part's own framing must bring what Content-Range says; of one in chunks this shows at its
    // end, if the length of the whole is known.
    const bool brings_all = range && answer.framing == http1::body_framing::content_length
                                ? answer.content_length == range->complete - range->first
                                : body_octets.has_value();
    return fits && brings_all ? std::optional<std::uint64_t>{0} : std::nullopt;
}

}  // namespace proxy
