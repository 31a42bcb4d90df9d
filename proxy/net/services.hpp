// What every part of the data path needs: one struct of references, filled by proxy/server.

#pragma once

#include "cache/store/memory_tier.hpp"
#include "cache/store/past_purges.hpp"
#include "proxy/config.hpp"
#include "proxy/core/counters.hpp"
#include "proxy/core/egress.hpp"
#include "proxy/core/live_rules.hpp"
#include "proxy/core/peer_choice.hpp"
#include "proxy/net/deadline_list.hpp"
#include "proxy/net/dialer.hpp"
#include "proxy/net/flight_table.hpp"
#include "proxy/net/index.hpp"
#include "proxy/net/node_memory.hpp"
#include "proxy/net/storage_pool.hpp"
#include "proxy/net/task_set.hpp"
#include "proxy/net/upstream.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace proxy {

struct log_record;

// Shared by all workers; thread-safe each. Owned by the server, which outlives every session and
// fetch.
struct services
{
    const settings& config;
    const std::string& pseudonym;  // of this node, for Via, CDN-Loop, Cache-Status
    cache::memory_tier& memory;
    storage_pool& storage;
    flight_table& flights;
    node_memory& remembered;
    cache::past_purges& purges;  // against copies of peers that have not heard of them
    index* peers = nullptr;      // none with --no-peers
    bool peers_trusted = false;  // trusted content may go to peers: they are all on loopback
    std::vector<peer_address> own_peers;  // how others reach our peer ports
    std::function<void(unsigned worker, const log_record&)> log;
    std::atomic<bool>& draining;
};

// One thread's own things.
struct worker
{
    worker(unsigned which, upstream_settings settings, task_set::failure_handler on_failure);

    unsigned number;
    std::shared_ptr<const live_rules> rules;  // never none once connections are served
    asio::io_context context{1};
    deadline_list deadlines{context.get_executor()};
    task_set tasks;
    upstream origin_and_peers;
    counters count;
};

}  // namespace proxy
