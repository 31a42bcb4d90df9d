#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace support {

// A client that writes octets as they stand and sees how the other side ends the connection.
// Blocking; nothing waits longer than `patience`.
class raw_connection
{
public:
    enum class ending : std::uint8_t
    {
        open,    // still open when the patience was over
        closed,  // FIN: what came may be all
        reset,   // RST: it is not
    };

    explicit raw_connection(const boost::asio::ip::tcp::endpoint& server,
        std::chrono::milliseconds patience = std::chrono::seconds(20));

    // False if the other side takes no more.
    bool send(std::string_view octets);
    void finish_sending();  // FIN
    void reset();           // RST, now

    // Reads until `text` has come, or until the end. All that has come since the last call.
    std::string read_until(std::string_view text);

    // Reads until the other side ends the connection.
    std::string read_to_end();
    ending how_it_ended() const { return ending_; }

private:
    bool read_some(std::string& into);

    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_{context_};
    std::chrono::milliseconds patience_;
    ending ending_ = ending::open;
};

// One connection: sends, reads to the end.
std::string raw_exchange(const boost::asio::ip::tcp::endpoint& server, std::string_view request);

// Of the first response in `octets`; 0 if that is none.
unsigned status_of(std::string_view octets);

}  // namespace support
