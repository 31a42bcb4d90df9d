// One fetch of a response that is missing or stale, as a state machine: whom to ask next, when to
// stop. Sans-I/O: the driver (proxy/net/fetch) brings what happened and carries out what comes
// back.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace proxy {

enum class fetch_source : std::uint8_t
{
    none,
    memory,
    disk,
    peer,
    origin,
};

std::string_view to_string(fetch_source source);

// Why a fetch gave no response: the status that the client is told, the error type of Proxy-Status
// (RFC 9209, section 2.3), and a sentence for people. The texts are constants. No defaults: who
// names a failure without its sentence is stopped by the compiler.
struct fetch_failure
{
    unsigned status;
    std::string_view proxy_error;
    std::string_view text;
};

// What is told where nothing better is known.
inline constexpr fetch_failure given_up{502, "proxy_internal_error", "the request was given up"};

// Why a stored response is used although it was not fresh.
enum class stored_use : std::uint8_t
{
    validated,    // the origin answered 304
    stale_error,  // the origin failed, and the rules allow it (RFC 9111, section 4.2.4)
};

// What the driver is to do next.
enum class fetch_step : std::uint8_t
{
    find_peers,   // ask the index, with the budget given
    find_others,  // ask again, for other peers than those
    ask_peer,     // the next of the candidates
    ask_origin,
    use_stale,  // serve the stored response although it is stale
    fail,
};

// What a source did instead of delivering a response.
enum class peer_answer : std::uint8_t
{
    miss,    // 504: it has lost the object, or may not share it
    failed,  // refused, reset, malformed
    timeout,
};

struct fetch_plan
{
    bool ask_index = false;  // plain request, peers in use, not known to be individual
    bool may_use_stale =
        false;  // a stored response exists that may be served when the origin fails
    bool only_if_cached = false;  // a peer or client wants no origin request
    std::size_t peer_candidates = 4;
    // All waiting for peers that did not answer, taken together; one who said that it is working is
    // waited for.
    std::chrono::milliseconds peer_budget{1'000};
};

class exchange
{
public:
    explicit exchange(const fetch_plan& plan) : plan_{plan} {}

    fetch_step start();
    fetch_step peers_found(std::size_t candidates);

    // spent: on asking again. It counts as waiting in vain.
    fetch_step others_found(std::size_t candidates, std::chrono::milliseconds spent);

    // spent: how long this peer was waited for in vain.
    fetch_step peer_gave_nothing(peer_answer answer, std::chrono::milliseconds spent);

    // The origin answered with a server error or not at all.
    fetch_step origin_failed();

    // What is left for waiting in vain for the next peer.
    std::chrono::milliseconds peer_budget_left() const;
    std::size_t peers_tried() const { return tried_; }

private:
    fetch_step next_source();

    fetch_plan plan_;
    std::size_t candidates_ = 0;
    std::size_t tried_ = 0;
    bool has_met_one_ = false;  // of the candidates, alive
    bool asked_again_ = false;
    std::chrono::milliseconds spent_{0};
};

// How long to look for peers: twice what a lookup usually takes, within bounds.
std::chrono::milliseconds lookup_budget(std::chrono::milliseconds expected,
    std::chrono::milliseconds minimum,
    std::chrono::milliseconds maximum);

}  // namespace proxy
