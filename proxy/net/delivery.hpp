// Writes responses to one client or peer: from memory, from disk, from a flight, or of our own
// making.

#pragma once

#include "cache/policy/range.hpp"
#include "cache/store/memory_tier.hpp"
#include "proxy/core/cache_status.hpp"
#include "proxy/core/response_head.hpp"
#include "proxy/core/target.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/client_stream.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/stored_copy.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace proxy {

struct services;

// The request that is being answered.
struct reply_context
{
    const http1::request_head& request;
    const target* where = nullptr;  // none for requests that were refused before it was known
    bool keep_alive = false;        // towards this client, after this answer
    cache_status status = {};
};

// What was sent, for the log and the counters.
struct reply_summary
{
    unsigned status = 0;
    std::uint64_t content_octets = 0;
    cache_status cache;
};

// Where the octets of a stored body come from.
class body_source
{
public:
    body_source() = default;
    virtual ~body_source() = default;
    body_source(const body_source&) = delete;
    body_source& operator=(const body_source&) = delete;

    // Sends that part of the body. An error breaks the connection off.
    virtual awaitable<error_code> send(std::uint64_t first, std::uint64_t octets) = 0;
};

// Hits from memory are gathered and written together, so that pipelined requests cost one write;
// everything else flushes first and is written at once. Used by one connection.
class delivery
{
public:
    delivery(services& shared, client_stream& stream) : shared_{shared}, stream_{stream} {}

    // Whole response, 304, 206 or 416, as the request's conditions and range demand.
    void queue_object(const reply_context& context,
        std::shared_ptr<const cache::memory_object> object,
        cache::wall_time now);
    void queue_answer(const own_answer& answer);

    // Octets gathered and not yet written.
    std::size_t queued_octets() const { return queued_octets_; }
    awaitable<error_code> flush();

    // The same for a body that comes from elsewhere. An error in its middle breaks the connection
    // off: the head promised more, and nobody must take it for whole.
    awaitable<error_code> send_from(const reply_context& context,
        const cache::stored_response& stored,
        body_source& body,
        cache::wall_time now);
    // Of a body, between the calls of a body_source.
    awaitable<error_code> send_part(
        const cache::memory_object& object, std::uint64_t first, std::uint64_t octets);
    awaitable<error_code> send_part(flight_reader& reader, std::uint64_t octets);
    awaitable<error_code> send_part(std::string_view octets);

    // The same for a body on disk.
    awaitable<error_code> send_from_disk(
        const reply_context& context, const stored_copy& copy, cache::wall_time now);

    // The flight has a head. Ends with it; `broken` bodies end with an error and never look
    // complete.
    awaitable<error_code> send_flight(
        const reply_context& context, flight_reader& reader, cache::wall_time now);

    // 102 to a peer that waits.
    awaitable<error_code> send_interim();
    // One of the origin's to a client that knows them.
    awaitable<error_code> send_interim(const reply_context& context, const interim_head& interim);

    const reply_summary& summary() const { return summary_; }

private:
    struct queued
    {
        std::shared_ptr<const cache::memory_object>
            object;               // whose head and body are sent; may be none
        std::string text;         // the rest of the head, or all of an answer of ours
        std::uint64_t first = 0;  // of the body
        std::uint64_t octets = 0;
        bool whole_head = false;  // text is the whole head
    };

    // The first piece with the head; of a multipart body there are more.
    struct reply
    {
        queued first;
        std::vector<queued> more = {};
    };

    // How a stored response answers, as the request's conditions and range demand.
    reply answer_from(const reply_context& context,
        const cache::stored_response& stored,
        std::uint64_t body_octets,
        cache::wall_time now,
        bool in_order = false);  // the body can be read forwards only: no multipart
    void answer_not_modified(
        const reply_context& context, const cache::stored_response& stored, reply& made);
    void answer_part(const reply_context& context,
        const cache::stored_response& stored,
        cache::byte_range part,
        reply& made);
    std::uint64_t answer_parts(const reply_context& context,
        const cache::stored_response& stored,
        const std::vector<cache::byte_range>& parts,
        reply& made);
    std::string full_head(
        const reply_context& context, unsigned status, const cache::field_section& fields) const;
    void queue(queued next);
    awaitable<error_code> send_pages(
        const cache::memory_body& body, std::uint64_t first, std::uint64_t octets);
    awaitable<error_code> write_text(std::string text);
    awaitable<error_code> send_flight_body(
        flight_reader& reader, bool chunked, std::uint64_t octets);
    awaitable<error_code> send_piece(std::string_view piece, bool chunked);

    services& shared_;
    client_stream& stream_;
    std::vector<queued> queue_;
    std::vector<asio::const_buffer> buffers_;
    std::size_t queued_octets_ = 0;
    reply_summary summary_;
};

}  // namespace proxy
