#include "tests/support/scripted_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <utility>

namespace support {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

std::string describe(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return error.what();
    }
}

asio::ssl::context server_context(const tls_identity& identity)
{
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate(asio::buffer(identity.certificate_pem), asio::ssl::context::pem);
    context.use_private_key(asio::buffer(identity.key_pem), asio::ssl::context::pem);
    return context;
}

}  // namespace

// The server's end of one connection.
class scripted_server::channel
{
public:
    channel(tcp::socket socket, asio::ssl::context* context) : socket_(std::move(socket))
    {
        if (context != nullptr) {
            tls_.emplace(socket_, *context);
        }
    }

    asio::awaitable<bool> handshake(std::vector<std::string>& server_names)
    {
        if (!tls_) {
            co_return true;
        }
        const auto [ec] = co_await tls_->async_handshake(asio::ssl::stream_base::server, use_tuple);
        const char* name = SSL_get_servername(tls_->native_handle(), TLSEXT_NAMETYPE_host_name);
        server_names.emplace_back(name != nullptr ? name : "");
        co_return !ec;
    }

    asio::awaitable<bool> read()
    {
        std::array<char, 4096> space;
        std::tuple<boost::system::error_code, std::size_t> read;
        if (tls_) {
            read = co_await tls_->async_read_some(asio::buffer(space), use_tuple);
        } else {
            read = co_await socket_.async_read_some(asio::buffer(space), use_tuple);
        }
        received_.append(space.data(), std::get<1>(read));
        co_return !std::get<0>(read);
    }

    asio::awaitable<bool> send(std::string text)
    {
        std::tuple<boost::system::error_code, std::size_t> sent;
        if (tls_) {
            sent = co_await asio::async_write(*tls_, asio::buffer(text), use_tuple);
        } else {
            sent = co_await asio::async_write(socket_, asio::buffer(text), use_tuple);
        }
        co_return !std::get<0>(sent);
    }

    asio::awaitable<void> shutdown_tls()
    {
        if (tls_) {
            co_await tls_->async_shutdown(use_tuple);
        }
    }

    void close()
    {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    void reset()
    {
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }

    std::string& received() { return received_; }
    tcp::socket& socket() { return socket_; }

private:
    tcp::socket socket_;
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    std::string received_;
};

scripted_server::scripted_server(asio::io_context& context,
    std::vector<script> scripts,
    const tls_identity* identity,
    const std::string& address,
    std::uint16_t port)
    : context_(context),
      scripts_(std::move(scripts)),
      acceptor_(context, tcp::endpoint(asio::ip::make_address(address), port)),
      port_(acceptor_.local_endpoint().port()),
      changed_(context),
      tasks_(context.get_executor(), [](const std::exception_ptr& thrown) {
          ADD_FAILURE() << "scripted server: " << describe(thrown);
      })
{
    changed_.expires_at(asio::steady_timer::time_point::max());
    if (identity != nullptr) {
        tls_.emplace(server_context(*identity));
    }
    tasks_.spawn(accept());
}

scripted_server::~scripted_server()
{
    tasks_.cancel();
    context_.restart();
    while (!tasks_.empty() && context_.run_one_for(std::chrono::seconds(10)) > 0) {
    }
}

void scripted_server::limit_tls_version(int version)
{
    SSL_CTX_set_security_level(tls_->native_handle(), 0);
    SSL_CTX_set_min_proto_version(tls_->native_handle(), 0);
    SSL_CTX_set_max_proto_version(tls_->native_handle(), version);
}

void scripted_server::release()
{
    ++releases_;
    changed_.cancel();
}

asio::awaitable<void> scripted_server::ended(std::size_t connections)
{
    while (ended_ < connections) {
        co_await changed_.async_wait(use_tuple);
    }
}

asio::awaitable<void> scripted_server::reached_hold()
{
    while (holding_ == 0) {
        co_await changed_.async_wait(use_tuple);
    }
}

asio::awaitable<void> scripted_server::held()
{
    ++holding_;
    changed_.cancel();
    while (releases_ == 0) {
        co_await changed_.async_wait(use_tuple);
    }
    --releases_;
    --holding_;
}

asio::awaitable<void> scripted_server::accept()
{
    while (true) {
        tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
        const std::size_t number = accepted_;
        ++accepted_;
        if (number < scripts_.size()) {
            tasks_.spawn(serve(std::move(socket), scripts_[number]));
        }
    }
}

asio::awaitable<void> scripted_server::serve(tcp::socket socket, script steps)
{
    channel peer(std::move(socket), tls_ ? &*tls_ : nullptr);
    const bool answers =
        steps.steps().empty() || steps.steps().front().what != script::action::no_answer;
    bool open = true;
    if (answers) {
        open = co_await peer.handshake(server_names_);
    }
    for (const script::step& step : steps.steps()) {
        if (open) {
            open = co_await perform(peer, step);
        }
    }
    while (open) {
        open = co_await peer.read();
    }
    peer.close();
    ++ended_;
    changed_.cancel();
}

// False when the connection has ended.
asio::awaitable<bool> scripted_server::perform(channel& peer, script::step step)
{
    std::string& received = peer.received();
    switch (step.what) {
    case script::action::request: {
        while (received.find("\r\n\r\n") == std::string::npos) {
            if (!co_await peer.read()) {
                co_return false;
            }
        }
        const std::size_t octets = received.find("\r\n\r\n") + 4;
        requests_.push_back(received.substr(0, octets));
        received.erase(0, octets);
        co_return true;
    }
    case script::action::octets:
        while (received.size() < step.octets) {
            if (!co_await peer.read()) {
                co_return false;
            }
        }
        received.erase(0, step.octets);
        co_return true;
    case script::action::send: co_return co_await peer.send(step.text);
    case script::action::hold: co_await held(); co_return true;
    case script::action::close: co_await peer.shutdown_tls(); co_return false;
    case script::action::truncate: co_return false;
    case script::action::reset: peer.reset(); co_return false;
    case script::action::no_answer: co_return true;
    }
    co_return false;
}

unreachable_server::unreachable_server(
    asio::io_context& context, const std::string& address, std::uint16_t port)
    : acceptor_(context)
{
    const tcp::endpoint endpoint(asio::ip::make_address(address), port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(0);
    // A queue of length 0 holds one connection; Linux drops what comes after it.
    for (int i = 0; i < 2; ++i) {
        tcp::socket filler(context);
        filler.open(endpoint.protocol());
        filler.native_non_blocking(true);
        tcp::endpoint to = acceptor_.local_endpoint();
        ::connect(filler.native_handle(), to.data(), static_cast<socklen_t>(to.size()));
        queue_.push_back(std::move(filler));
    }
}

}  // namespace support
