#pragma once

#include "tests/support/uplink.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

enum class origin_behaviour : std::uint8_t
{
    answer,
    hang,        // take the request and never answer
    disconnect,  // take the request and close
    truncate,    // close in the middle of the body
    chunked,     // answer with Transfer-Encoding: chunked, in uneven chunks
};

struct origin_route
{
    std::string body;
    std::string content_type = "application/octet-stream";
    std::string cache_control = "max-age=3600";  // empty: no such field
    std::string etag;                            // with its quotes; empty: no such field
    std::vector<std::pair<std::string, std::string>> fields;  // beside those
    unsigned status = 200;
    std::chrono::milliseconds delay{0};  // before the head
    origin_behaviour behaviour = origin_behaviour::answer;
};

struct origin_count
{
    std::uint64_t requests = 0;
    std::uint64_t octets = 0;  // heads and bodies sent
};

// An HTTP/1.1 origin on a thread of its own: keep-alive, HEAD, If-None-Match, single ranges; it
// counts what it is asked for. Bodies go over one uplink of a limited rate if one is given. Public
// functions may be called from any thread.
class test_origin
{
public:
    explicit test_origin(std::uint64_t uplink_octets_per_second = 0);
    ~test_origin();
    test_origin(const test_origin&) = delete;
    test_origin& operator=(const test_origin&) = delete;

    void serve(std::string path, origin_route route);

    boost::asio::ip::tcp::endpoint endpoint() const { return endpoint_; }
    std::string authority() const;
    std::string url(std::string_view path) const;

    origin_count total() const;
    origin_count count(const std::string& path) const;
    // The request heads received, oldest first, as they came over the wire.
    std::vector<std::string> heads() const;

    // From now on connections are refused and open ones are gone. Twice is harmless.
    void stop();

private:
    struct received_request;

    boost::asio::awaitable<void> accept();
    boost::asio::awaitable<void> converse(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<bool> respond(
        boost::asio::ip::tcp::socket& socket, const received_request& request);
    std::shared_ptr<const origin_route> find(const received_request& request);
    boost::asio::awaitable<bool> send(
        boost::asio::ip::tcp::socket& socket, const std::string& path, std::string_view text);

    void count_octets(const std::string& path, std::size_t octets);

    std::unique_ptr<boost::asio::io_context> context_;
    std::unique_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
    boost::asio::ip::tcp::endpoint endpoint_;
    uplink uplink_;

    mutable std::mutex mutex_;  // guards the four below
    std::map<std::string, std::shared_ptr<const origin_route>> routes_;
    std::map<std::string, origin_count> counts_;
    origin_count total_;
    std::vector<std::string> heads_;

    std::thread thread_;  // runs *context_
};

}  // namespace support
