// What a node has for its driver: datagrams to send, and the ends of operations.

#pragma once

#include "dht/core/claim_operation.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/lookup_trace.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/rpc_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace dht {

struct get_result
{
    std::vector<pointer> pointers;  // never to this node itself
    bool timed_out = false;
    std::size_t hops = 0;                // nodes that answered
    std::size_t queries = 0;             // sent, repetitions not counted
    std::vector<trace_step> trace = {};  // of trace() only
};

// What a driver has to carry out.
struct send_datagram
{
    endpoint to;
    std::string octets;
};

struct get_done
{
    operation_id operation = 0;
    get_result result;
};

struct put_done
{
    operation_id operation = 0;
    std::size_t copies = 0;  // 0: the table is saturated with this key, or nobody answered
    bool timed_out = false;
};

struct claim_done
{
    operation_id operation = 0;
    claim_result result;
};

// A lease of ours ended before we ended it: others may fetch the same. The fetch itself goes on.
struct lease_lost
{
    node_id key;
    lease_number number = 0;
};

using output = std::variant<send_datagram, get_done, put_done, claim_done, lease_lost>;

// Why a lease is given back without an object.
enum class release_reason : std::uint8_t
{
    withdrawn,      // the fetch failed or was given up: the next asker may lead
    not_shareable,  // the answer is for one client only: nobody shall wait for another's
};

}  // namespace dht
