// The admin port: requests in, pages out. Pure but for the report that is asked for; the server
// brings the socket.

#pragma once

#include "proxy/admin/node_report.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/plain_session.hpp"

#include <functional>

namespace proxy {

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
