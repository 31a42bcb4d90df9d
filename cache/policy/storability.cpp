#include "cache/policy/storability.hpp"

#include "cache/policy/validation.hpp"
#include "cache/policy/vary.hpp"

#include <algorithm>
#include <array>

namespace cache {
namespace {

struct reason_text
{
    std::string_view token;
    std::string_view sentence;
};

constexpr std::array<reason_text, 12> texts{{
    {"", "The response may be stored."},
    {"method", "Only the response to a GET is stored."},
    {"status", "The status answers a condition or a range of this request only, or is not final."},
    {"request-no-store", "The client asked with no-store that nothing be kept."},
    {"no-store", "The response says no-store."},
    {"private", "The response says private: it is meant for one user."},
    {"must-understand",
        "The response asks that caches understand its status, and this one does not."},
    {"authorization",
        "The request carried Authorization, and the response does not say public, must-revalidate "
        "or s-maxage."},
    {"personal",
        "The request or the response carried a cookie, and the response does not say how long it "
        "may be reused."},
    {"vary", "Vary names something that no later request can match."},
    {"expired", "The response is not fresh now and has no validator to make it so later."},
    {"error-keeps-stored", "An error does not replace the good response that is stored."},
}};

const reason_text& text_of(not_stored_reason reason)
{
    return texts[static_cast<std::size_t>(reason)];
}

// 206 is only stored by caches that combine ranges, 304 only updates, and 412, 416 and 417 are
// about a condition, range or expectation that is not part of the key.
bool is_storable_status(unsigned status)
{
    constexpr std::array never{206U, 304U, 412U, 416U, 417U};
    return status >= 200 && std::find(never.begin(), never.end(), status) == never.end();
}

// The final statuses of RFC 9110, section 15, and of RFC 6585 and 7725: what this cache
// "understands and conforms to" (section 3).
bool is_understood(unsigned status)
{
    constexpr std::array known{200U,
        201U,
        202U,
        203U,
        204U,
        205U,
        300U,
        301U,
        302U,
        303U,
        307U,
        308U,
        400U,
        401U,
        402U,
        403U,
        404U,
        405U,
        406U,
        407U,
        408U,
        409U,
        410U,
        411U,
        413U,
        414U,
        415U,
        421U,
        422U,
        426U,
        428U,
        429U,
        431U,
        451U,
        500U,
        501U,
        502U,
        503U,
        504U,
        505U,
        511U};
    return std::binary_search(known.begin(), known.end(), status);
}

not_stored_reason forbidden(const exchange_view& exchange, const cache_control& response)
{
    const bool understood = is_understood(exchange.status);
    if (response.must_understand && !understood) {
        return not_stored_reason::must_understand;
    }
    // Beside must-understand, no-store is for caches that do not know must-understand.
    if (response.no_store && !response.must_understand) {
        return not_stored_reason::no_store;
    }
    if (response.is_private) {
        return not_stored_reason::is_private;
    }
    const bool may_be_shared =
        response.is_public || response.must_revalidate || response.s_maxage.has_value();
    if (exchange.request.contains(field::authorization) && !may_be_shared) {
        return not_stored_reason::authorization;
    }
    return not_stored_reason::none;
}

// Not of the RFC: a response that was made for somebody and does not say that others may have it is
// not kept on the strength of a heuristic.
bool is_personal(const exchange_view& exchange, const freshness& fresh)
{
    return !fresh.is_explicit && (exchange.request.contains(field::cookie) ||
                                     exchange.response.contains(field::set_cookie));
}

// Worth keeping: fresh for a while, or with a validator that can make it fresh again.
bool is_reusable(const exchange_view& exchange, const freshness& fresh)
{
    if (is_passing_error(exchange.status)) {
        return fresh.is_explicit && fresh.is_fresh(exchange.response_time);
    }
    return fresh.is_fresh(exchange.response_time) ||
           has_validator(exchange.response, exchange.response_time);
}

bool keeps_stored(const exchange_view& exchange, const stored_response* stored)
{
    return stored != nullptr && is_passing_error(exchange.status) &&
           !is_passing_error(stored->status);
}

}  // namespace

std::string_view explain(not_stored_reason reason)
{
    return text_of(reason).sentence;
}

std::string_view token_of(not_stored_reason reason)
{
    return text_of(reason).token;
}

bool answers_later_gets(boost::beast::http::verb method,
    unsigned status,
    const field_section& response,
    const request_uri_view& uri,
    const freshness& fresh)
{
    return method == boost::beast::http::verb::post && status == 200 && fresh.is_explicit &&
           response.count(field::content_location) == 1 &&
           target_on_same_origin(*response.first(field::content_location), uri) == uri.target;
}

not_stored_reason storable(const exchange_view& exchange,
    const freshness& fresh,
    request_directives directives,
    const stored_response* stored)
{
    if (exchange.method != boost::beast::http::verb::get) {
        return not_stored_reason::method;
    }
    if (!is_storable_status(exchange.status)) {
        return not_stored_reason::status;
    }
    if (directives == request_directives::honoured &&
        parse_cache_control(exchange.request).no_store) {
        return not_stored_reason::request_no_store;
    }
    const not_stored_reason reason =
        forbidden(exchange, parse_response_directives(exchange.response).directives);
    if (reason != not_stored_reason::none) {
        return reason;
    }
    if (is_personal(exchange, fresh)) {
        return not_stored_reason::personal;
    }
    if (varies_on_everything(exchange.response)) {
        return not_stored_reason::vary;
    }
    if (!is_reusable(exchange, fresh)) {
        return not_stored_reason::expired;
    }
    return keeps_stored(exchange, stored) ? not_stored_reason::error_keeps_stored
                                          : not_stored_reason::none;
}

}  // namespace cache
