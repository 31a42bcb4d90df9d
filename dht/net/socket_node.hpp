// A DHT node on a UDP socket: one address family.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/node.hpp"
#include "dht/core/rate_limiter.hpp"
#include "dht/net/datagram_batch.hpp"
#include "dht/net/system_random.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace dht {

// Used on the thread that runs its context, but for what is marked.
class socket_node
{
public:
    // Not allowed to throw.
    struct handlers
    {
        std::function<void(output)> output;  // not datagrams: ends of operations, lost leases
        std::function<void()> turn;          // something has been done
    };

    // Binds. Throws boost::system::system_error, if the port is taken for example. advertised with
    // port 0: the bound one. The context outlives this object. Any thread.
    socket_node(boost::asio::io_context& context,
        const endpoint& bind,
        const std::optional<endpoint>& advertised,
        const config& settings,
        handlers tell);
    ~socket_node() = default;

    socket_node(const socket_node&) = delete;
    socket_node& operator=(const socket_node&) = delete;

    // With the real port. Any thread.
    const endpoint& local() const { return local_; }
    std::size_t receive_buffer_octets() const { return buffer_octets_; }

    void begin(const std::vector<endpoint>& seeds, const std::vector<endpoint>& remembered);

    // Closes the socket. Operations of the node are its owner's to end.
    void end();

    // Whoever asks the node to do something calls carry_out() afterwards: only then is anything
    // sent and any end told.
    node& core() { return node_; }
    time_point present();
    void carry_out();

    const node& core() const { return node_; }
    statistics snapshot() const;

private:
    void wait_for_datagrams();
    void read_datagrams();
    void send() { not_sent_ += outgoing_.send(socket_.native_handle()); }
    void set_timer();

    boost::asio::ip::udp::socket socket_;
    boost::asio::steady_timer timer_;
    endpoint local_;
    std::size_t buffer_octets_;
    system_random random_;
    rate_limiter limiter_;
    receive_batch incoming_;
    send_batch outgoing_;
    node node_;
    handlers tell_;
    std::optional<time_point> timer_due_;
    bool ended_ = false;
    std::uint64_t over_rate_ = 0;
    std::uint64_t not_sent_ = 0;
};

}  // namespace dht
