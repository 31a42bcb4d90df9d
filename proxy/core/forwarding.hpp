// What a gateway does to the fields of a message on its way (RFC 9110, section 7.6; RFC 8586; RFC
// 9211). Sans-I/O.

#pragma once

#include "cache/policy/field_section.hpp"

#include <boost/beast/http/verb.hpp>

#include <string>
#include <string_view>

namespace proxy {

// Removes what is between two neighbours only (RFC 9110, section 7.6.1): Connection and the fields
// that it names, Keep-Alive, Proxy-Connection, Proxy-Authenticate, Proxy-Authorization,
// Proxy-Authentication-Info, TE, Trailer, Upgrade, HTTP2-Settings, and the framing, which is
// written anew: Transfer-Encoding, Content-Length. Connection can not name fields that everyone on
// the way needs (Host, Cache-Control, Authorization, Cookie, validators, Via and the like): they
// stay, for without them the request would mean something else at the origin than in the cache.
//
// Removes names with '_' as well that equal a framing, routing or forwarding field once '_' is read
// as '-': many origins read them alike, so that they would get past every check of the real ones.
void remove_hop_by_hop(cache::field_section& fields);

// Fields by which some origins take another method, host or path than the request's own. They are
// in no cache key, so one client could fill the cache with an answer to something else than what
// the others ask for: removed where the answer may be stored.
void remove_overrides(cache::field_section& request);

// Whether the request has passed this node already: our pseudonym stands in Via or CDN-Loop,
// whatever else they hold and however malformed it is.
bool has_passed(const cache::field_section& request, std::string_view pseudonym);

// How many intermediaries Via names; more than a limit ends a loop between strangers. A comma
// inside a comment counts too.
std::size_t hops(const cache::field_section& request);

// TRACE and OPTIONS say in Max-Forwards how many more may pass them on (RFC 9110, section 7.6.2):
// counts it down; false if this node has to answer itself. One that is no number is dropped.
bool may_pass_on(boost::beast::http::verb method, cache::field_section& request);

// Adds "1.1 pseudonym" to Via (RFC 9110, section 7.6.3; minor_version is that of the message as it
// was received), and the pseudonym to CDN-Loop (RFC 8586, section 2).
void add_via(cache::field_section& fields, std::string_view pseudonym, unsigned minor_version = 1);
void add_cdn_loop(cache::field_section& request, std::string_view pseudonym);

// Coralized names, at delivery: drops Set-Cookie, Alt-Svc, Strict-Transport-Security and
// Service-Worker-Allowed, which would speak for every name under the suffix or take the user off
// the network; and rewrites a Location with an authority so that it stays inside: http://h:p/x ->
// http://h.p.SUFFIX[:client port]/x. A Location that has no such name (see coral_name.hpp) is left.
// coral_authority is the authority the client used: client port and scheme of the page are taken
// from it.
void coralize_response(
    cache::field_section& response, std::string_view suffix, std::string_view coral_authority);

}  // namespace proxy
