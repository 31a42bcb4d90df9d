// What the admin port is asked that takes time: the way through the index, and purges.

#pragma once

#include "proxy/admin/admin_routes.hpp"
#include "proxy/config_reload.hpp"
#include "proxy/core/target.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/index.hpp"
#include "proxy/net/plain_session.hpp"

namespace proxy {

struct services;

// What POST /v1/reload answers: {"changed": [...], "needs_restart": [...]}, names of options.
plain_response reload_page(const reload_plan& plan);

// {"error": why}
plain_response refuse_action(const refused_action& action);

// What /v1/lookup answers. index: none with --no-peers.
awaitable<plain_response> answer_lookup(
    lookup_question question, index* where, const target_rules& rules);

// What POST /v1/purge answers: {"memory": 1, "disk": 1}, the responses that were taken out of use.
awaitable<plain_response> answer_purge(
    purge_question question, services& shared, const target_rules& rules);

}  // namespace proxy
