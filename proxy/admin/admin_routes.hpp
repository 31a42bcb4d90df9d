// The admin port: requests in, pages out. Pure but for the report that is asked for; the server
// brings the socket.

#pragma once

#include "cache/policy/purge.hpp"
#include "proxy/admin/node_report.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/plain_session.hpp"

#include <functional>
#include <optional>
#include <string>

namespace proxy {

// What /v1/lookup?key=HEX or ?url=URL is asked for, as it was written; "" for what was not.
struct lookup_question
{
    std::string key;
    std::string url;
};

// Nothing where the request is for another page, or its sender may not ask: answer_admin tells him.
// Who is answered waits for the index, so that the server does it.
std::optional<lookup_question> asked_lookup(
    const http1::request_head& request, const host_port& listener);

// An action that is not done: 405 if it was not asked for by POST, 403 if by a web page, of which a
// browser tells in Origin or Sec-Fetch-Site, 400 if it was not understood.
struct refused_action
{
    unsigned status = 200;
    std::string why = {};
};

// What POST /v1/purge?url=URL, ?host=HOST or ?tag=TAG, perhaps with &soft, asks for.
struct purge_question
{
    cache::purge_order order;  // of a URL: as it was written
    refused_action refused = {};
};

// Nothing where the request is for another page, or its sender may not ask.
std::optional<purge_question> asked_purge(
    const http1::request_head& request, const host_port& listener);

// POST /v1/reload: 200 if the sender may ask for it, else why not. Nothing where the request is for
// another page.
std::optional<refused_action> asked_reload(
    const http1::request_head& request, const host_port& listener);

// GET and HEAD. A web page can make a browser on this machine ask this port, by a name that it has
// resolve to loopback; so only Host fields that no such page can have are answered: localhost,
// loopback addresses and the listener's own address (any address where it listens on all: a page
// under an address is served from there).
//
// Pages: / /metrics /livez /readyz /healthz /v1/status /proxy.pac
plain_response answer_admin(const http1::request_head& request,
    const host_port& listener,
    const std::function<node_report()>& look);

}  // namespace proxy
