// What the tests of the upstream client share.

#pragma once

#include "proxy/net/task_set.hpp"
#include "proxy/net/tls.hpp"
#include "proxy/net/upstream.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace proxy {

inline constexpr std::string_view get_request = "GET / HTTP/1.1\r\nHost: origin.test\r\n\r\n";
inline constexpr std::chrono::milliseconds patience{10'000};  // deadlines that must not be reached

// What a whole exchange gave: the last head, the content, and how it ended.
struct received_response
{
    boost::system::error_code error;
    http1::response_head head;
    std::string content;
    bool reused = false;
};

// Reads the content to its end in pieces of the given size.
inline boost::asio::awaitable<boost::system::error_code> read_all(
    upstream_connection& connection, std::string& content, std::size_t piece_octets = 7)
{
    std::vector<char> piece(piece_octets);
    while (true) {
        const auto octets = co_await connection.read_content(boost::asio::buffer(piece), patience);
        if (!octets) {
            co_return octets.error();
        }
        if (*octets == 0) {
            co_return boost::system::error_code();
        }
        content.append(piece.data(), *octets);
    }
}

// One exchange as a careful caller does it.
inline boost::asio::awaitable<received_response> fetch(upstream& client,
    upstream_target target,
    boost::beast::http::verb verb = boost::beast::http::verb::get)
{
    received_response response;
    auto connection = co_await client.acquire(target, true);
    if (!connection) {
        response.error = connection.error();
        co_return response;
    }
    response.reused = connection->reused();
    response.error = co_await connection->send(get_request);
    if (response.error) {
        co_return response;
    }
    auto head = co_await connection->read_head(verb, patience);
    while (head && head->status < 200) {
        head = co_await connection->read_head(verb, patience);
    }
    if (!head) {
        response.error = head.error();
        co_return response;
    }
    response.head = *head;
    response.error = co_await read_all(*connection, response.content);
    if (!response.error) {
        connection->finish();
    }
    co_return response;
}

class upstream_test : public testing::Test
{
protected:
    upstream_test()
    {
        settings.egress.allow_target.push_back(loopback);
        static const auto system_roots = make_origin_tls_context();
        settings.tls = system_roots;
        settings.own_peer_addresses = {boost::asio::ip::address_v4::loopback()};
    }

    upstream_target origin_at(std::uint16_t port) const
    {
        upstream_target target;
        target.host = "127.0.0.1";
        target.port = port;
        return target;
    }

    std::unique_ptr<upstream> make_client()
    {
        return std::make_unique<upstream>(context.get_executor(), settings);
    }

    // Runs one exchange to its end.
    received_response get(upstream& client,
        const upstream_target& target,
        boost::beast::http::verb verb = boost::beast::http::verb::get)
    {
        received_response response;
        support::run_coroutine(context, store(response, fetch(client, target, verb)));
        return response;
    }

    template <class T>
    static boost::asio::awaitable<void> store(T& result, boost::asio::awaitable<T> operation)
    {
        result = co_await std::move(operation);
    }

    void run(boost::asio::awaitable<void> body)
    {
        support::run_coroutine(context, std::move(body));
    }

    address_block loopback = {boost::asio::ip::make_address("127.0.0.0"), 8};
    boost::asio::io_context context;
    upstream_settings settings;
    task_set tasks = task_set(
        context.get_executor(), [](const std::exception_ptr&) { ADD_FAILURE() << "a task threw"; });
};

}  // namespace proxy
