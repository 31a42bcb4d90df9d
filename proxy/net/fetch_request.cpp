#include "proxy/net/fetch_request.hpp"

#include "cache/policy/sharing.hpp"
#include "cache/policy/validation.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/http1/serializer.hpp"

#include <utility>

namespace proxy {
namespace {

// Of canonical requests: the client's own would be one client's, and some origins refuse requests
// without one.
constexpr std::string_view user_agent = "atoll/" ATOLL_VERSION;

std::string request_text(const fetch_order& order,
    std::string_view target,
    cache::field_section fields,
    std::string_view pseudonym)
{
    add_via(fields, pseudonym);
    add_cdn_loop(fields, pseudonym);
    std::string text;
    http1::append_request_line(text, "GET", target);
    http1::append_field(text, "Host", order.authority);
    http1::append_fields(text, fields);
    http1::append_end_of_head(text);
    return text;
}

}  // namespace

cache::field_section sent_fields(const fetch_order& order, bool canonical)
{
    if (!canonical) {
        return order.client_fields;
    }
    cache::field_section fields = cache::canonical_request(order.client_fields);
    fields.set(cache::field::user_agent, user_agent);
    return fields;
}

std::string request_to_origin(const fetch_order& order, bool canonical, std::string_view pseudonym)
{
    cache::field_section fields = sent_fields(order, canonical);
    if (order.stale) {
        for (const cache::field_section::line line :
            cache::validation_fields(order.stale->head())) {
            fields.add(line.name, line.value);
        }
    }
    return request_text(order, order.path_and_query, std::move(fields), pseudonym);
}

std::string request_to_peer(const fetch_order& order, std::string_view pseudonym)
{
    cache::field_section fields = sent_fields(order, true);
    fields.set(cache::field::cache_control, "only-if-cached");
    return request_text(order, order.key.url(), std::move(fields), pseudonym);
}

}  // namespace proxy
