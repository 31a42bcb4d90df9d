// What a gateway does to the fields of a message on its way (RFC 9110, section 7.6; RFC 8586; RFC
// 9211). Sans-I/O.

#pragma once

#include "cache/policy/field_section.hpp"

#include <string>
#include <string_view>

namespace proxy {

// Removes Connection and what it names (but never Host, Content-Length, Cache-Control,
// Authorization, Cookie, Via, CDN-Loop and the like: those are not the sender's to remove),
// Keep-Alive, Proxy-Connection, Proxy-Authenticate, Proxy-Authorization, Proxy-Authentication-Info,
// TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings, Content-Length, and names with '_' that
// equal a framing, routing or forwarding field once '_' is read as '-'.
void remove_hop_by_hop(cache::field_section& fields);

// Whether the request has passed this node already: our pseudonym in Via or CDN-Loop.
bool has_passed(const cache::field_section& request, std::string_view pseudonym);

// How many intermediaries Via names; more than a limit ends a loop between strangers.
std::size_t hops(const cache::field_section& request);

// Adds "1.1 pseudonym" to Via, and the pseudonym to CDN-Loop.
void add_via(cache::field_section& fields, std::string_view pseudonym, unsigned minor_version = 1);
void add_cdn_loop(cache::field_section& request, std::string_view pseudonym);

// Coralized names, at delivery: drops Set-Cookie, Alt-Svc, Strict-Transport-Security,
// Service-Worker-Allowed, and rewrites an absolute Location so that it stays inside: http://h:p/x
// -> http://h.p.SUFFIX[:client port]/x. coral_authority is the authority the client used, from
// which suffix and client port are taken.
void coralize_response(
    cache::field_section& response, std::string_view suffix, std::string_view coral_authority);

}  // namespace proxy
