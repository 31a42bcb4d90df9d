// Fetches a run of missing slices of one body from the origin, one flight after the other, each
// into the tiers.

#pragma once

#include "cache/policy/slices.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/fetch.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/signal.hpp"
#include "proxy/net/upstream.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace proxy {

struct services;
struct worker;

// An answer whose head is here and whose content is to come.
struct part_answer
{
    upstream_connection connection;
    http1::response_head head;
};

// Asks the origin for that part of the body, if its entity tag is still that one; an empty tag: in
// any case. Interim responses are dropped.
awaitable<result<part_answer>> ask_for_part(services& shared,
    worker& here,
    fetch_order order,
    cache::octet_span part,
    std::string if_range);

// Between the reply that reads the slices and the run that brings them, on one worker: a run is
// not more than one slice ahead, and ends when the reply does.
struct slice_window
{
    explicit slice_window(const asio::any_io_executor& executor)
        : moved{std::make_shared<signal>(executor)}
    {
    }

    std::uint64_t reading = 0;  // the slice that goes to the client
    bool closed = false;        // the reply has ended
    std::shared_ptr<signal> moved;
};

struct slice_run
{
    fetch_order order;
    cache::slice_map map;
    std::string tag = {};     // strong
    std::uint64_t slice = 0;  // the first
    std::uint64_t end = 0;    // one past the last
    std::shared_ptr<slice_window> window = {};
};

// `first` is the flight of the first slice, which the caller leads. `begun` is the answer to a
// request for the slices of the run, if there is one already.
awaitable<void> fetch_slices(services& shared,
    worker& here,
    std::shared_ptr<flight> first,
    slice_run run,
    std::optional<part_answer> begun);

}  // namespace proxy
