#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace support {

// What an origin sends, octet for octet, and what it does then.
struct raw_answer
{
    enum class then : std::uint8_t
    {
        go_on,  // reads the next request
        close,  // FIN
        reset,  // RST
        hold,   // says nothing more and leaves the connection open
    };
    std::string octets;
    then after = then::go_on;
};

// An origin that need not speak HTTP, on a thread of its own. Public functions may be called from
// any thread.
class raw_origin
{
public:
    // Asked whenever octets have come: with all that came since the last answer on this connection.
    // Nothing means: read on. It runs on the origin's thread.
    using script = std::function<std::optional<raw_answer>(std::string_view received)>;

    explicit raw_origin(script answer);
    ~raw_origin();
    raw_origin(const raw_origin&) = delete;
    raw_origin& operator=(const raw_origin&) = delete;

    std::string authority() const;
    std::uint16_t port() const { return port_; }

    // Everything that came, one string for each connection in the order of their accepts.
    std::vector<std::string> received() const;
    std::size_t connections() const { return received().size(); }

    // Until that many connections have been ended by the other side; false if they are not in time.
    bool wait_for_ends(std::size_t connections) const;

private:
    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> converse(boost::asio::ip::tcp::socket socket, std::size_t number);

    script answer_;
    boost::asio::io_context context_{1};
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    mutable std::mutex mutex_;  // guards the two below
    std::vector<std::string> received_;
    std::size_t ended_ = 0;
    std::thread thread_;
};

// The value of a field in a head, "" if there is none; the name as it is written there.
std::string field_in(std::string_view head, std::string_view name);

// A request of which head and content have come; the content is chunked or has a length.
bool is_whole_request(std::string_view received);

// Answers every whole request head with the same.
raw_origin::script always(raw_answer answer);

}  // namespace support
