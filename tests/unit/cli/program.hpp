// The program's command line run inside a test, and a peer that answers as the test wants.

#pragma once

#include "proxy/cli/command_line.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace proxy {

struct outcome
{
    int exit = 0;
    std::string out;
    std::string err;
    std::optional<settings> served;
};

inline outcome run_program(const std::vector<const char*>& arguments,
    environment variables = {{"HOME", "/home/reef"}},
    const std::string& input = {})
{
    outcome result;
    std::istringstream in{input};
    std::ostringstream out;
    std::ostringstream err;
    const auto serve = [&result](const settings& values, const settings_reader&) {
        result.served = values;
        return 0;
    };
    const command_context context{variables, in, out, err, serve, std::filesystem::path{}};
    result.exit = run_command_line(arguments, context);
    result.out = out.str();
    result.err = err.str();
    return result;
}

// Listens on a free port, takes one connection and one request, answers with the script and ends
// the connection, or keeps silent until the client has gone.
class scripted_peer
{
public:
    explicit scripted_peer(std::string answer, bool ends = true)
        : answer_{std::move(answer)}, ends_{ends}, thread_{[this] { serve(); }}
    {
    }
    ~scripted_peer() { join(); }
    scripted_peer(const scripted_peer&) = delete;
    scripted_peer& operator=(const scripted_peer&) = delete;

    std::string address() const
    {
        return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    // After the command has ended.
    std::string request()
    {
        join();
        return request_;
    }

private:
    void serve()
    {
        boost::system::error_code error;
        boost::asio::ip::tcp::socket client{context_};
        acceptor_.accept(client, error);
        const std::size_t head = boost::asio::read_until(
            client, boost::asio::dynamic_buffer(request_), "\r\n\r\n", error);
        request_.resize(head);
        boost::asio::write(client, boost::asio::buffer(answer_), error);
        if (!ends_) {
            char octet = 0;
            client.read_some(boost::asio::buffer(&octet, 1), error);
        }
    }
    void join()
    {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    boost::asio::io_context context_{1};
    boost::asio::ip::tcp::acceptor acceptor_{
        context_, {boost::asio::ip::address_v4::loopback(), 0}};
    std::string answer_;
    bool ends_;
    std::string request_;
    std::thread thread_;
};

}  // namespace proxy
