// A DNS server that answers what a test says, on loopback and a free port.

#pragma once

#include "proxy/net/task_set.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace support {

struct name_records
{
    std::vector<std::string> addresses = {};  // of both families
    std::uint32_t ttl = 300;
    bool silent_v4 = false;  // questions for A are not answered
    bool silent_v6 = false;  // questions for AAAA are not answered
};

// Names that it does not know do not exist (NXDOMAIN).
class scripted_name_server
{
public:
    scripted_name_server(
        boost::asio::io_context& context, std::map<std::string, name_records> names);
    ~scripted_name_server();

    scripted_name_server(const scripted_name_server&) = delete;
    scripted_name_server& operator=(const scripted_name_server&) = delete;

    std::string address() const;  // "127.0.0.1:port"
    std::size_t questions() const { return questions_; }
    void set(const std::string& name, name_records records) { names_[name] = std::move(records); }

private:
    boost::asio::awaitable<void> serve();
    std::string answer(const std::string& query) const;

    boost::asio::io_context& context_;
    boost::asio::ip::udp::socket socket_;
    std::map<std::string, name_records> names_;
    std::size_t questions_ = 0;
    proxy::task_set tasks_;
};

}  // namespace support
