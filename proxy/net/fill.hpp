// Brings the body of one response into a flight, the store and the memory tier.

#pragma once

#include "cache/policy/cache_control.hpp"
#include "cache/policy/cache_key.hpp"
#include "cache/policy/freshness.hpp"
#include "cache/store/memory_tier.hpp"
#include "proxy/core/exchange.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/octet_digest.hpp"
#include "proxy/net/upstream.hpp"

#include <memory>
#include <string>

namespace proxy {

struct services;
struct worker;

struct fill_order
{
    cache::cache_key key;
    upstream_target origin;  // where to go on if the source breaks off
    std::string authority;
    std::string path_and_query;
    cache::field_section sent;  // the fields of the request that this answers
    bool joinable = false;      // others wait for the same answer
    bool canonical = false;     // the fields hold nothing of one client: the answer may go to peers
    fetch_source source = fetch_source::origin;
    cache::wall_time request_time{};
    cache::request_directives directives = cache::request_directives::honoured;
    const cache::stored_response* stored =
        nullptr;  // what is there for the same request; outlives the fill
};

class fill
{
public:
    fill(services& shared, worker& here, std::shared_ptr<flight> into, fill_order order);

    // What is to happen with the response; published when run() begins.
    const flight_head& decide(http1::response_head head);

    // Publishes the head, then the body as it arrives; goes on from the origin where the source
    // breaks off; when it returns the flight has ended, and what may be kept is in the tiers.
    awaitable<void> run(upstream_connection connection);

    // Valid after run() if the body was complete and could be kept.
    bool kept() const { return kept_; }

private:
    enum class end_of_body : std::uint8_t
    {
        complete,
        broken,    // by the source
        unwanted,  // nobody reads on
    };

    awaitable<void> bring_body(upstream_connection connection);
    awaitable<end_of_body> pump(upstream_connection& connection, fetch_source source);
    awaitable<end_of_body> resume();
    awaitable<bool> skip(upstream_connection& connection, std::uint64_t known);
    void publish(std::string_view octets);
    awaitable<void> store_body();
    void keep_in_memory();
    void count_octets(upstream_connection& connection, fetch_source source);
    std::string resume_request() const;

    services& shared_;
    worker& here_;
    std::shared_ptr<flight> flight_;
    fill_order order_;
    std::shared_ptr<const flight_head> head_;
    std::optional<octet_digest>
        delivered_digest_;  // of what was published, to go on with the same octets later
    cache::freshness fresh_;
    std::string scratch_;
    std::shared_ptr<const cache::memory_object> in_memory_;
    bool kept_ = false;
};

}  // namespace proxy
