// kill -9 in a loop under load: whatever a peer had begun to write, no client ever gets a wrong or
// a short body from it afterwards, and it listens again within a second. $ATOLL_KILLS sets how
// often.

#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/test_origin.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

namespace proxy {
namespace {

constexpr std::size_t peer_count = 3;
constexpr std::size_t client_count = 4;
constexpr std::size_t file_count = 60;
constexpr std::chrono::milliseconds longest_start{1'000};

unsigned kills_wanted()
{
    const char* const text = std::getenv("ATOLL_KILLS");
    return text == nullptr ? 8 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// From a few hundred octets, which lie beside their metadata, to some megabytes in many chunks.
std::size_t octets_of(std::size_t file)
{
    return 300 + file * file * file * 12;
}

struct peer_state
{
    std::atomic<boost::asio::ip::port_type> port{0};
    std::atomic<unsigned> lives{0};  // counts up when it is killed and when it is back
};

class kill_world
{
public:
    kill_world()
    {
        for (std::size_t file = 0; file < file_count; ++file) {
            bodies_.push_back(support::generated_body(file, octets_of(file)));
            support::origin_route route;
            route.body = bodies_.back();
            route.etag = "\"" + std::to_string(file) + "\"";
            origin_.serve("/" + std::to_string(file), std::move(route));
        }
        support::reef_options options;
        options.directory = directory_.path();
        options.peers = peer_count;
        reef_ = std::make_unique<support::reef>(options);
        for (std::size_t peer = 0; peer < peer_count; ++peer) {
            peers_[peer].port = reef_->at(peer).client().port();
        }
    }

    // Asks until `stop`; what goes wrong at a peer that lived all the while is recorded.
    void be_a_client(std::uint64_t seed, const std::atomic<bool>& stop)
    {
        std::mt19937_64 random(seed);
        std::vector<std::unique_ptr<support::http_client>> clients;
        for (const peer_state& peer : peers_) {
            clients.push_back(std::make_unique<support::http_client>(boost::asio::ip::tcp::endpoint(
                boost::asio::ip::address_v4::loopback(), peer.port)));
        }
        while (!stop) {
            const std::size_t peer = random() % peer_count;
            ask(peer, random() % file_count, *clients[peer]);
        }
    }

    void ask(std::size_t peer, std::size_t file, support::http_client& client)
    {
        const unsigned life = peers_[peer].lives;
        const support::http_client::result response = client.exchange(
            support::forward_request(origin_.authority(), "/" + std::to_string(file)));
        const bool lived = life % 2 == 0 && peers_[peer].lives == life;
        std::string complaint;
        if (!response) {
            complaint = lived ? response.error().message() : "";
        } else if (response->status != 200) {
            complaint = "status " + std::to_string(response->status);
        } else if (response->body != bodies_[file]) {
            complaint = std::to_string(response->body.size()) + " octets that differ";
        } else {
            ++served_;
        }
        if (!complaint.empty()) {
            const std::lock_guard lock(mutex_);
            complaints_.push_back("file " + std::to_string(file) + " at peer " +
                                  std::to_string(peer) + ": " + complaint);
        }
    }

    std::chrono::milliseconds kill_and_restart(std::size_t peer)
    {
        ++peers_[peer].lives;
        reef_->at(peer).program().kill();
        reef_->restart(peer);
        ++peers_[peer].lives;
        return reef_->at(peer).time_to_listen();
    }

    std::size_t served() const { return served_; }

    std::vector<std::string> complaints() const
    {
        const std::lock_guard lock(mutex_);
        return complaints_;
    }

    boost::asio::ip::tcp::endpoint client_port(std::size_t peer)
    {
        return reef_->at(peer).client();
    }

private:
    support::temporary_directory directory_;
    support::test_origin origin_;
    std::vector<std::string> bodies_;
    std::unique_ptr<support::reef> reef_;
    std::array<peer_state, peer_count> peers_;
    std::atomic<std::size_t> served_{0};
    mutable std::mutex mutex_;  // guards complaints_
    std::vector<std::string> complaints_;
};

TEST(KillTest, NoBodyIsWrongOrShortAfterKillsUnderLoad)
{
    kill_world world;
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (std::size_t client = 0; client < client_count; ++client) {
        clients.emplace_back([&world, &stop, client] { world.be_a_client(client, stop); });
    }
    std::mt19937_64 random(2024);
    std::chrono::milliseconds slowest{0};
    for (unsigned kills = 0; kills < kills_wanted() && world.complaints().empty(); ++kills) {
        // Load between two kills, of a length that lets a kill hit any phase of a write.
        const std::size_t until = world.served() + 5 + random() % 60;
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (world.served() < until && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        slowest = std::max(slowest, world.kill_and_restart(random() % peer_count));
    }
    stop = true;
    for (std::thread& client : clients) {
        client.join();
    }
    for (std::size_t peer = 0; peer < peer_count; ++peer) {
        support::http_client client(world.client_port(peer));
        for (std::size_t file = 0; file < file_count; ++file) {
            world.ask(peer, file, client);
        }
    }
    for (const std::string& complaint : world.complaints()) {
        ADD_FAILURE() << complaint;
    }
    if (!support::sanitized) {
        EXPECT_LT(slowest, longest_start);
    }
    std::printf(
        "%zu answers, slowest start %ld ms\n", world.served(), static_cast<long>(slowest.count()));
}

}  // namespace
}  // namespace proxy
