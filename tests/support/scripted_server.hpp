// An origin or a peer that does exactly what a test says, on loopback and a free port.

#pragma once

#include "proxy/net/task_set.hpp"
#include "tests/support/certificates.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace support {

// What happens on one connection, step by step. After the last step the connection is held open
// until the client closes it. Written as: script().request().send("HTTP/1.1 200 OK\r\n...").close()
class script
{
public:
    enum class action
    {
        request,    // reads until the empty line that ends a head, and records the head
        octets,     // reads that many octets
        send,       // sends the text
        hold,       // waits for scripted_server::release()
        close,      // ends the connection in order: close_notify with TLS, then FIN
        truncate,   // FIN without close_notify
        reset,      // RST
        no_answer,  // TLS servers: leaves the handshake unanswered; must be the first step
    };
    struct step
    {
        action what;
        std::string text;
        std::size_t octets = 0;
    };

    script& request() { return add(action::request); }
    script& read(std::size_t octets) { return add(action::octets, std::string(), octets); }
    script& send(std::string text) { return add(action::send, std::move(text)); }
    script& hold() { return add(action::hold); }
    script& close() { return add(action::close); }
    script& truncate() { return add(action::truncate); }
    script& reset() { return add(action::reset); }
    script& no_answer() { return add(action::no_answer); }

    const std::vector<step>& steps() const { return steps_; }

private:
    script& add(action what, std::string text = std::string(), std::size_t octets = 0)
    {
        steps_.push_back(step{what, std::move(text), octets});
        return *this;
    }

    std::vector<step> steps_;
};

class scripted_server
{
public:
    // One script per connection, in the order they are accepted; a connection beyond them is closed
    // at once. With an identity the connections are TLS.
    scripted_server(boost::asio::io_context& context,
        std::vector<script> scripts,
        const tls_identity* identity = nullptr,
        const std::string& address = "127.0.0.1",
        std::uint16_t port = 0);

    // Ends what is under way and runs the context until it has ended.
    ~scripted_server();

    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    // The newest version of TLS that it speaks.
    void limit_tls_version(int version);

    std::uint16_t port() const { return port_; }
    std::size_t accepted() const { return accepted_; }
    const std::vector<std::string>& requests() const { return requests_; }          // heads
    const std::vector<std::string>& server_names() const { return server_names_; }  // SNI

    // Lets the connections go on that are at a hold step, now or later, one each.
    void release();

    // Until a connection waits at a hold step.
    boost::asio::awaitable<void> reached_hold();

    // Until that many connections have ended, by their script or by the client.
    boost::asio::awaitable<void> ended(std::size_t connections);

private:
    class channel;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket, script steps);
    boost::asio::awaitable<bool> perform(channel& peer, script::step step);
    boost::asio::awaitable<void> held();

    boost::asio::io_context& context_;
    std::vector<script> scripts_;
    std::optional<boost::asio::ssl::context> tls_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_ = 0;
    std::size_t accepted_ = 0;
    std::size_t ended_ = 0;
    std::size_t releases_ = 0;
    std::size_t holding_ = 0;
    std::vector<std::string> requests_;
    std::vector<std::string> server_names_;
    boost::asio::steady_timer changed_;  // cancelled to wake those who wait for a change
    proxy::task_set tasks_;
};

// Listens and never accepts, with a queue that is full: a connection to it is never established.
class unreachable_server
{
public:
    explicit unreachable_server(boost::asio::io_context& context,
        const std::string& address = "127.0.0.1",
        std::uint16_t port = 0);

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<boost::asio::ip::tcp::socket> queue_;
};

}  // namespace support
