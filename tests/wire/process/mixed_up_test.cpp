// Hundreds of connections that pipeline, more pages than either tier holds: every body says which
// page it is of, and none is ever that of another.

#include "tests/support/atoll_peer.hpp"
#include "tests/support/http_connection.hpp"
#include "tests/support/raw_origin.hpp"
#include "tests/support/temporary_directory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

namespace proxy {
namespace {

namespace asio = boost::asio;

constexpr unsigned pages = 60'000;
constexpr unsigned connections = 512;
constexpr unsigned at_once = 16;  // requests in one write

// From 100 to 12,100 octets, the same each time.
std::string body_for(unsigned page)
{
    const std::string unit = "<page " + std::to_string(page) + ">";
    std::string body;
    const std::size_t octets = 100 + page * 37U % 12'000;
    while (body.size() < octets) {
        body += unit;
    }
    return body;
}

std::optional<support::raw_answer> respond(std::string_view received)
{
    // The peer sends one request after the other.
    const std::size_t begin = received.find(" /");
    if (!received.ends_with("\r\n\r\n")) {
        return std::nullopt;
    }
    const auto page =
        static_cast<unsigned>(std::stoul(std::string(received.substr(begin + 2, 10))));
    const std::string body = body_for(page);
    return support::raw_answer{
        "HTTP/1.1 200 OK\r\nCache-Control: max-age=3600\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body};
}

class MixedUpTest : public testing::Test
{
protected:
    // Pages with low numbers are asked for far more often.
    static unsigned some_page(std::minstd_rand& random)
    {
        const double place = std::uniform_real_distribution<double>(0, 1)(random);
        return static_cast<unsigned>(std::pow(place, 4) * pages);
    }

    asio::awaitable<void> converse(unsigned seed)
    {
        std::minstd_rand random(seed);
        support::http_connection connection(co_await asio::this_coro::executor);
        connection.expires_after(std::chrono::minutes(5));
        boost::system::error_code error = co_await connection.connect(peer_->client());
        while (!error && begun_.fetch_add(at_once) < wanted_) {
            connection.expires_after(std::chrono::minutes(1));
            std::vector<unsigned> asked;
            std::string requests;
            for (unsigned i = 0; i != at_once; ++i) {
                asked.push_back(some_page(random));
                requests +=
                    support::forward_request(authority_, "/" + std::to_string(asked.back())).text();
            }
            error = co_await connection.send(std::move(requests));
            for (const unsigned page : asked) {
                if (error) {
                    break;
                }
                const auto answer = co_await connection.receive(false);
                error = answer ? boost::system::error_code() : answer.error();
                if (answer) {
                    ++answered_;
                    const bool right = answer->status == 200 && answer->body == body_for(page);
                    wrong_ += right ? 0U : 1U;
                }
            }
        }
        failed_ += error ? 1U : 0U;
    }

    support::temporary_directory directory_;
    std::unique_ptr<support::atoll_peer> peer_;
    std::string authority_;
    std::uint64_t wanted_ = 0;
    std::atomic<std::uint64_t> begun_ = 0;
    std::atomic<std::uint64_t> answered_ = 0;
    std::atomic<std::uint64_t> wrong_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;
};

TEST_F(MixedUpTest, NoBodyIsThatOfAnotherPage)
{
    const char* const wanted = std::getenv("ATOLL_MIXED_UP_RESPONSES");
    wanted_ = wanted == nullptr ? 50'000 : std::strtoull(wanted, nullptr, 10);
    support::raw_origin origin(respond);
    authority_ = origin.authority();
    support::atoll_peer_options options;
    options.directory = directory_.path() / "peer";
    options.use_peers = false;
    options.memory = "16MiB";
    options.store_size = "256MiB";
    peer_ = std::make_unique<support::atoll_peer>(options);
    asio::io_context context;
    for (unsigned i = 0; i != connections; ++i) {
        asio::co_spawn(context, converse(i + 1), [](const std::exception_ptr& failure) {
            EXPECT_FALSE(failure);
        });
    }
    std::thread other([&] { context.run(); });
    context.run();
    other.join();
    EXPECT_EQ(wrong_, 0U);
    EXPECT_EQ(failed_, 0U);
    EXPECT_GE(answered_, wanted_);
    std::printf("%llu responses, %.0f from memory, %.0f from disk, %.0f from the origin\n",
        static_cast<unsigned long long>(answered_),
        peer_->metric("atoll_requests_total{source=\"memory\"}"),
        peer_->metric("atoll_requests_total{source=\"disk\"}"),
        peer_->metric("atoll_requests_total{source=\"origin\"}"));
}

}  // namespace
}  // namespace proxy
