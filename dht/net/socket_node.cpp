#include "dht/net/socket_node.hpp"

#include "dht/net/udp_socket.hpp"
#include "dht/net/udp_transport.hpp"

#include <utility>
#include <variant>

namespace dht {
namespace {

using boost::asio::ip::udp;
using clock = std::chrono::steady_clock;

constexpr int batches_per_turn = 8;  // then timers and requests get theirs

rate_limiter::limits source_limits(const config& usual)
{
    return {usual.source_rate, usual.source_burst, usual.source_slots};
}

}  // namespace

socket_node::socket_node(boost::asio::io_context& context,
    const endpoint& bind,
    const std::optional<endpoint>& advertised,
    const config& settings,
    handlers tell)
    : socket_(open_socket(context, bind)),
      timer_(context),
      local_(local_endpoint_of(socket_)),
      buffer_octets_(
          size_receive_buffer(socket_.native_handle(), udp_transport::wanted_buffer_octets)),
      limiter_(source_limits(settings), random_),
      incoming_(settings.datagram_octets),
      node_(local_, with_port(advertised, local_.port), settings, random_, clock::now()),
      tell_(std::move(tell))
{
}

// The two clocks are read together each time: one of them is set, and stands still in a computer
// that sleeps.
time_point socket_node::present()
{
    const time_point now = clock::now();
    node_.set_unix_time(std::chrono::system_clock::now(), now);
    return now;
}

void socket_node::begin(const std::vector<endpoint>& seeds, const std::vector<endpoint>& remembered)
{
    node_.join(seeds, remembered, present());
    carry_out();
    wait_for_datagrams();
}

void socket_node::end()
{
    ended_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
}

void socket_node::wait_for_datagrams()
{
    socket_.async_wait(udp::socket::wait_read, [this](boost::system::error_code error) {
        if (!error && !ended_) {
            read_datagrams();
            wait_for_datagrams();
        }
    });
}

void socket_node::read_datagrams()
{
    for (int turn = 0; turn < batches_per_turn; ++turn) {
        const auto& received = incoming_.receive(socket_.native_handle());
        const time_point now = present();
        for (const auto& [from, octets] : received) {
            if (limiter_.admits(from, now)) {
                node_.handle_datagram(from, octets, now);
            } else {
                ++over_rate_;
            }
        }
        carry_out();
        if (received.size() < batch_size) {
            return;
        }
    }
}

// Sends what the node wants sent, hands out results, and sets the timer.
void socket_node::carry_out()
{
    while (auto next = node_.poll_output()) {
        if (auto* datagram = std::get_if<send_datagram>(&*next)) {
            outgoing_.add(datagram->to, std::move(datagram->octets));
            if (outgoing_.is_full()) {
                send();
            }
        } else {
            tell_.output(std::move(*next));
        }
    }
    send();
    tell_.turn();
    set_timer();
}

void socket_node::set_timer()
{
    const std::optional<time_point> due = node_.next_timeout();
    if (!due || due == timer_due_) {
        return;
    }
    timer_due_ = due;
    timer_.expires_at(*due);
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error && !ended_) {
            timer_due_.reset();
            node_.handle_timeout(present());
            carry_out();
        }
    });
}

statistics socket_node::snapshot() const
{
    statistics out = node_.snapshot();
    out.drops(drop_reason::over_rate) += over_rate_;
    out.drops(drop_reason::not_sent) += not_sent_;
    out.drops(drop_reason::not_read) += incoming_.overflows();
    out.busy_keys = node_.loads(clock::now());
    return out;
}

}  // namespace dht
