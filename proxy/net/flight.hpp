// A body on its way: fetched once, read by any number of clients and peers, on any worker.

#pragma once

#include "cache/policy/stored_response.hpp"
#include "cache/store/store.hpp"
#include "proxy/core/exchange.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/signal.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace proxy {

// One piece of content; never changed once it is published.
using chunk = std::shared_ptr<const std::string>;

// What is known once the response's head is here; never changed afterwards.
struct flight_head
{
    cache::stored_response response;
    std::optional<std::uint64_t> body_octets;  // unknown while a chunked body is on its way
    fetch_source source = fetch_source::origin;
    bool shareable = false;       // may answer the other requests for this key that wait for it
    bool stored = false;          // is being stored
    bool peers_may_read = false;  // trusted class: other peers may be served from it
    std::string not_stored;       // why it is not, for Cache-Status; empty if it is
};

// A 1xx before the head (RFC 9110, section 15.2).
struct interim_head
{
    unsigned status = 102;
    cache::field_section fields;  // end-to-end
};

enum class flight_state : std::uint8_t
{
    waiting,     // no head yet
    streaming,   // head known, content coming
    finished,    // complete and correct
    broken,      // ended inside the content: what was delivered is good, but it is not all
    use_stored,  // the stored response is to be used: validated just now, or stale because the
                 // origin failed
    failed,      // no response at all; outcome() says why
};

// The leader is one coroutine on one worker; readers may be anywhere. One mutex per flight guards
// all of its state; it is held for moments and never across a suspension.
//
// Memory: up to keep_octets the whole body stays (it goes to the memory tier). Beyond that, what
// the store has written is let go, and a reader that is further behind reads it back from the
// store. A body that is not stored, or no longer, is kept until its slowest reader has it, and the
// source waits for that reader: as long as it likes if it is alone, but it costs the others no more
// than `patience` for each window. Then whoever is more than the window behind is cut loose.
class flight
{
public:
    struct limits
    {
        std::uint64_t window_octets =
            1 << 20;  // ahead of the fastest reader, and not yet written to the store
        std::uint64_t keep_octets = 1 << 20;
        // For so long one reader may keep others waiting: longer than a network's moods, shorter
        // than what makes people give up.
        std::chrono::milliseconds patience{5'000};
    };

    explicit flight(const limits& limit) : limit_{limit} {}

    // For the leader.

    void source_is(fetch_source source);  // the origin was asked: peers may wait for the head here
    void publish_interim(interim_head interim);
    void publish_head(std::shared_ptr<const flight_head> head);
    void publish(chunk content);
    void finish();
    void break_off();
    void use_stored(stored_use reason);
    void fail(fetch_failure failure);

    // Writing to the store has come so far. object is where readers who are behind find it.
    void written(cache::object_id object, std::uint64_t octets);
    void writing_failed();  // from now on nothing is let go before every reader has it

    // What could be kept of it can be found in the tiers.
    void keeping_ended();

    // After writing_failed(): until nobody reads what only the store has of the beginning. From
    // then on that is gone.
    awaitable<void> wait_for_readers_behind(std::shared_ptr<signal> waker);

    // True if nobody reads it and nothing keeps it: it is broken then. One step, so that whoever
    // comes in between is either read for or knows that it is too late.
    bool break_off_if_unwanted();

    // Until the source may be read on, or until the deadline. Cuts loose who holds up the others.
    awaitable<bool> wait_for_room(
        std::shared_ptr<signal> waker, std::chrono::steady_clock::time_point deadline);

    // For the writer to the store: content from octet `offset` on, waits for it; empty when the
    // flight has ended.
    awaitable<chunk> next_to_write(std::shared_ptr<signal> waker, std::uint64_t offset);

    // Everything published so far, if all of it was kept.
    std::optional<std::vector<chunk>> whole_body() const;

    // For anyone.
    flight_state state() const;
    std::shared_ptr<const flight_head> head() const;
    fetch_source source() const;
    fetch_failure failure() const;
    stored_use reason_to_use_stored() const;
    std::uint64_t published_octets() const;

private:
    friend class flight_reader;

    struct reader_slot
    {
        std::uint64_t cursor = 0;
        std::shared_ptr<signal> waker;
        bool hungry = false;  // has found nothing at its cursor
        bool lost = false;    // cut loose: nothing is kept for it, and it will find `broken`
    };

    struct piece
    {
        std::uint64_t begin;
        chunk content;
    };

    void wake_all();
    void wake_leader();
    void release_memory();
    bool has_room() const;
    bool is_for_memory() const;
    bool is_read() const;
    bool is_held_up() const;
    void cut_loose();
    std::uint64_t fastest() const;
    std::uint64_t slowest() const;
    const piece* piece_at(std::uint64_t offset) const;

    const limits limit_;
    std::chrono::nanoseconds held_up_for_{};  // of the patience; the leader's alone
    mutable std::mutex mutex_;                // guards everything below
    flight_state state_ = flight_state::waiting;
    fetch_source source_ = fetch_source::none;
    fetch_failure failure_ = given_up;
    stored_use stored_use_ = stored_use::validated;
    std::vector<std::shared_ptr<const interim_head>> interims_;
    std::shared_ptr<const flight_head> head_;
    std::deque<piece> pieces_;
    std::uint64_t published_ = 0;
    std::uint64_t written_ = 0;
    cache::object_id object_ = 0;
    bool writing_ = false;
    bool kept_ = false;
    bool beginning_gone_ = false;
    std::list<reader_slot> readers_;
    std::vector<std::shared_ptr<signal>> leader_waiters_;
};

// One reader's place in a flight; leaves it when destroyed. While it is there, nothing from its
// place on is let go. Used on one executor.
class flight_reader
{
public:
    // What read() found at the cursor.
    struct content
    {
        enum class kind : std::uint8_t
        {
            octets,    // `data` from `begin` on; the cursor has moved past it
            in_store,  // no longer in memory: read chunk `store_index` of `object`, then call
                       // advance()
            end,       // finished: that was all
            broken,    // no more will come, or no more for a reader that is so slow
            timed_out,
        };
        kind what = kind::timed_out;
        chunk data;
        std::size_t begin = 0;
        cache::object_id object = 0;
        std::uint64_t store_index = 0;
        std::size_t offset_in_chunk = 0;
    };

    flight_reader(std::shared_ptr<flight> source, const asio::any_io_executor& executor);
    ~flight_reader();
    flight_reader(const flight_reader&) = delete;
    flight_reader& operator=(const flight_reader&) = delete;

    // It came after the beginning was let go, or after the flight broke: nothing here is for it.
    bool too_late() const { return too_late_; }

    // Until the flight is no longer waiting, or until the deadline; returns the state then.
    awaitable<flight_state> wait_for_head(std::chrono::steady_clock::time_point deadline);

    // The same, but at most until there is an interim response that was not taken yet: the next of
    // them, or nothing.
    awaitable<std::shared_ptr<const interim_head>> wait_for_interim(
        std::chrono::steady_clock::time_point deadline);

    // Until keeping_ended(), or until the deadline.
    awaitable<void> wait_until_kept(std::chrono::steady_clock::time_point deadline);

    awaitable<content> read(std::chrono::steady_clock::time_point deadline);
    void advance(std::uint64_t octets);

    flight& source() const { return *flight_; }

private:
    std::optional<content> look();  // under the flight's mutex

    std::shared_ptr<flight> flight_;
    std::shared_ptr<signal> waker_;
    std::list<flight::reader_slot>::iterator slot_;
    std::size_t interims_taken_ = 0;
    bool too_late_ = false;
};

}  // namespace proxy
