// Which of the peers that the index named to try, and in which order. Sans-I/O.

#pragma once

#include <boost/asio/ip/address.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace proxy {

// TCP address of a peer; its UDP port has the same number.
struct peer_address
{
    boost::asio::ip::address address;
    std::uint16_t port = 0;

    friend bool operator==(const peer_address&, const peer_address&) = default;
    friend bool operator<(const peer_address& left, const peer_address& right)
    {
        return std::tie(left.address, left.port) < std::tie(right.address, right.port);
    }
};

struct peer_candidate
{
    peer_address where;
    bool complete = false;  // holds the whole object; otherwise it is still fetching it
    std::uint8_t load = 0;  // as the peer reported it; 255 refuses
};

// Remembers which peers gave nothing, so that a dead one is dialled once in a while and not by
// every request. Bounded: when full, the entry that ends first makes room. Used under its owner's
// lock.
class peer_health
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit peer_health(std::size_t most = 1024) : most_{most} {}

    void failed(const peer_address& peer, time_point now);
    void answered(const peer_address& peer) { avoided_until_.erase(peer); }
    bool avoided(const peer_address& peer, time_point now) const;

    // A dead peer is dialled again after this time.
    static constexpr std::chrono::seconds avoidance{30};

private:
    std::size_t most_;
    std::map<peer_address, time_point> avoided_until_;
};

// Whole copies before those still arriving, then by load; equals in random order, so that a crowd
// spreads. Leaves out ourselves, who refuses, who failed a moment ago, and repetitions. random(n)
// returns a number below n.
std::vector<peer_candidate> choose_peers(std::vector<peer_candidate> candidates,
    const std::vector<peer_address>& selves,
    const peer_health& health,
    peer_health::time_point now,
    const std::function<std::size_t(std::size_t)>& random);

}  // namespace proxy
