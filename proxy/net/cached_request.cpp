#include "proxy/net/cached_request.hpp"

namespace proxy {

cache_status status_of(const flight_head& head, cache::forward_reason reason, bool leads)
{
    cache_status status;
    status.forward = reason;
    status.forward_status = head.response.status;
    status.stored = head.stored;
    status.collapsed = !leads;
    status.source = head.source;
    status.detail = head.not_stored;
    return status;
}

fetch_order whole_order(const cached_request& asked)
{
    fetch_order order{
        asked.key, asked.origin, asked.where.authority(), asked.where.path_and_query, asked.fields};
    for (const cache::field condition : {cache::field::if_none_match,
             cache::field::if_modified_since,
             cache::field::if_range,
             cache::field::range}) {
        order.client_fields.erase(condition);
    }
    order.directives = asked.directives;
    return order;
}

}  // namespace proxy
