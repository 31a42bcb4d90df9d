#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace support {

// What the way between two peers does to datagrams. Connections are left alone, as TCP mends what
// happens to them.
struct relay_faults
{
    unsigned loss_permille = 0;
    unsigned duplication_permille = 0;
    unsigned reordering_permille = 0;          // so many take longer by reordered_by
    std::chrono::milliseconds least_delay{0};  // one way
    std::chrono::milliseconds most_delay{0};
    std::chrono::milliseconds reordered_by{0};
};

// A bad network on one machine. Each peer is known to the others by an alias: an address of the
// relay with the peer's own port number, which the peer advertises. What comes to an alias goes on
// to its peer, and leaves from the alias of whoever sent it, so that each peer is where its ID says
// it is. Who has no alias is not heard.
//
// Runs on a thread of its own; aliases are added before start(), and everything ends with the
// object.
class relay
{
public:
    using endpoint = boost::asio::ip::tcp::endpoint;

    relay(std::uint64_t seed, const relay_faults& faults);
    ~relay();
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;

    // For the peer that listens there, UDP and TCP; own: its alias. Throws
    // boost::system::system_error if that port is taken.
    void add(const endpoint& peer, const endpoint& own);
    void start();

    std::uint64_t passed() const { return passed_; }
    std::uint64_t lost() const { return lost_; }
    std::uint64_t unknown() const { return unknown_; }
    std::uint64_t connections() const { return connections_; }

private:
    class bridge;

    struct alias
    {
        alias(boost::asio::io_context& context, const endpoint& real, const endpoint& own);

        endpoint peer;
        boost::asio::ip::udp::socket datagrams;
        boost::asio::ip::tcp::acceptor connections;
        std::string buffer;
        boost::asio::ip::udp::endpoint sender;
    };

    void receive(alias& at);
    void take(alias& at, std::size_t octets);
    void pass_later(alias& from, const endpoint& to, std::shared_ptr<const std::string> octets);
    void accept(alias& at);
    bool happens(unsigned permille);
    std::chrono::microseconds delay();

    relay_faults faults_;
    std::mt19937_64 random_;
    boost::asio::io_context context_{1};
    std::vector<std::unique_ptr<alias>> aliases_;
    std::map<endpoint, alias*> by_peer_;
    std::atomic<std::uint64_t> passed_{0};
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<std::uint64_t> unknown_{0};
    std::atomic<std::uint64_t> connections_{0};
    std::thread thread_;
};

}  // namespace support
