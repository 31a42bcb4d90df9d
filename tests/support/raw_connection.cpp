#include "tests/support/raw_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <charconv>

#include <poll.h>

namespace support {

namespace asio = boost::asio;

raw_connection::raw_connection(
    const asio::ip::tcp::endpoint& server, std::chrono::milliseconds patience)
    : patience_(patience)
{
    socket_.connect(server);
    socket_.set_option(asio::ip::tcp::no_delay(true));
}

bool raw_connection::send(std::string_view octets)
{
    boost::system::error_code error;
    asio::write(socket_, asio::buffer(octets.data(), octets.size()), error);
    return !error;
}

void raw_connection::finish_sending()
{
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void raw_connection::reset()
{
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
}

std::string raw_connection::read_until(std::string_view text)
{
    std::string received;
    while (received.find(text) == std::string::npos && read_some(received)) {
    }
    return received;
}

std::string raw_connection::read_to_end()
{
    std::string received;
    while (read_some(received)) {
    }
    return received;
}

bool raw_connection::read_some(std::string& into)
{
    pollfd wanted{socket_.native_handle(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(patience_.count())) != 1) {
        return false;
    }
    char piece[16 * 1024];
    boost::system::error_code error;
    const std::size_t octets = socket_.read_some(asio::buffer(piece), error);
    into.append(piece, octets);
    if (error) {
        ending_ = error == asio::error::eof ? ending::closed : ending::reset;
    }
    return !error;
}

std::string raw_exchange(const asio::ip::tcp::endpoint& server, std::string_view request)
{
    raw_connection connection(server);
    connection.send(request);
    return connection.read_to_end();
}

unsigned status_of(std::string_view octets)
{
    constexpr std::string_view start = "HTTP/1.1 ";
    unsigned status = 0;
    if (octets.starts_with(start)) {
        octets.remove_prefix(start.size());
        std::from_chars(octets.data(), octets.data() + octets.size(), status);
    }
    return status;
}

}  // namespace support
