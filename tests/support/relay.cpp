#include "tests/support/relay.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <functional>
#include <utility>

namespace support {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

namespace {

constexpr std::size_t longest_datagram = 65'536;
constexpr std::uint64_t whole = 1'000;

udp::endpoint as_udp(const tcp::endpoint& where)
{
    return {where.address(), where.port()};
}

}  // namespace

// One connection, copied both ways until both sides have ended.
class relay::bridge : public std::enable_shared_from_this<relay::bridge>
{
public:
    bridge(asio::io_context& context, tcp::socket from) : near_(std::move(from)), far_(context) {}

    void connect(const endpoint& to)
    {
        far_.async_connect(to, [self = shared_from_this()](error_code error) {
            if (error) {
                self->close();
                return;
            }
            self->copy(self->near_, self->far_, self->onward_);
            self->copy(self->far_, self->near_, self->back_);
        });
    }

private:
    using octets = std::array<char, 65'536>;

    void copy(tcp::socket& from, tcp::socket& to, octets& through)
    {
        from.async_read_some(asio::buffer(through),
            [this, self = shared_from_this(), &from, &to, &through](
                error_code error, std::size_t count) {
                if (error) {
                    error_code ignored;
                    to.shutdown(tcp::socket::shutdown_send, ignored);
                    if (error != asio::error::eof) {
                        close();
                    }
                    return;
                }
                asio::async_write(to,
                    asio::buffer(through, count),
                    [this, self, &from, &to, &through](error_code failed, std::size_t /*count*/) {
                        if (failed) {
                            close();
                        } else {
                            copy(from, to, through);
                        }
                    });
            });
    }

    void close()
    {
        error_code ignored;
        near_.close(ignored);
        far_.close(ignored);
    }

    tcp::socket near_;
    tcp::socket far_;
    octets onward_{};
    octets back_{};
};

relay::alias::alias(asio::io_context& context, const endpoint& real, const endpoint& own)
    : peer(real),
      datagrams(context, as_udp(own)),
      connections(context, own),
      buffer(longest_datagram, '\0')
{
}

relay::relay(std::uint64_t seed, const relay_faults& faults) : faults_(faults), random_(seed)
{
}

relay::~relay()
{
    context_.stop();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void relay::add(const endpoint& peer, const endpoint& own)
{
    aliases_.push_back(std::make_unique<alias>(context_, peer, own));
    by_peer_[peer] = aliases_.back().get();
}

void relay::start()
{
    for (const auto& one : aliases_) {
        receive(*one);
        accept(*one);
    }
    thread_ = std::thread{[this] { context_.run(); }};
}

void relay::receive(alias& at)
{
    at.datagrams.async_receive_from(
        asio::buffer(at.buffer), at.sender, [this, &at](error_code error, std::size_t octets) {
            if (error == asio::error::operation_aborted) {
                return;
            }
            if (!error) {
                take(at, octets);
            }
            receive(at);  // an error is of an earlier datagram: its peer is gone
        });
}

void relay::take(alias& at, std::size_t octets)
{
    const auto sender = by_peer_.find(endpoint{at.sender.address(), at.sender.port()});
    if (sender == by_peer_.end()) {
        ++unknown_;
        return;
    }
    if (happens(faults_.loss_permille)) {
        ++lost_;
        return;
    }
    const auto what = std::make_shared<const std::string>(at.buffer.substr(0, octets));
    pass_later(*sender->second, at.peer, what);
    if (happens(faults_.duplication_permille)) {
        pass_later(*sender->second, at.peer, what);
    }
}

void relay::pass_later(alias& from, const endpoint& to, std::shared_ptr<const std::string> octets)
{
    const auto timer = std::make_shared<asio::steady_timer>(context_, delay());
    timer->async_wait([this, &from, to, octets = std::move(octets), timer](error_code error) {
        if (!error) {
            error_code ignored;
            from.datagrams.send_to(asio::buffer(*octets), as_udp(to), 0, ignored);
            ++passed_;
        }
    });
}

void relay::accept(alias& at)
{
    at.connections.async_accept([this, &at](error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) {
            return;
        }
        if (!error) {
            ++connections_;
            std::make_shared<bridge>(context_, std::move(socket))->connect(at.peer);
        }
        accept(at);
    });
}

bool relay::happens(unsigned permille)
{
    return random_() % whole < permille;
}

std::chrono::microseconds relay::delay()
{
    const std::chrono::microseconds least = faults_.least_delay;
    const std::chrono::microseconds spread = faults_.most_delay - faults_.least_delay;
    const auto more =
        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(spread.count() + 1));
    const bool is_overtaken = happens(faults_.reordering_permille);
    return least + std::chrono::microseconds{more} +
           (is_overtaken ? faults_.reordered_by : std::chrono::milliseconds{0});
}

}  // namespace support
