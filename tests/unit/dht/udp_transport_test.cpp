#include "dht/net/udp_transport.hpp"

#include <boost/system/system_error.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds budget{2'000};

udp_transport::settings on_loopback(std::vector<endpoint> seeds)
{
    udp_transport::settings wanted;
    wanted.bind = endpoint{boost::asio::ip::address_v4::loopback(), 0};
    wanted.seeds = std::move(seeds);
    return wanted;
}

get_result get_and_wait(udp_transport& from, const node_id& key)
{
    std::promise<get_result> promise;
    auto future = promise.get_future();
    from.get(key, budget, [&](get_result result) { promise.set_value(std::move(result)); });
    return future.get();
}

// Asks until somebody knows or the attempts are used up: a put is on its way for some round trips.
get_result get_until_found(udp_transport& from, const node_id& key)
{
    constexpr int most_attempts = 2'000;
    get_result result;
    for (int i = 0; i < most_attempts && result.pointers.empty(); ++i) {
        result = get_and_wait(from, key);
    }
    return result;
}

using transports = std::vector<std::unique_ptr<udp_transport>>;

transports started(std::size_t count)
{
    transports all;
    std::vector<endpoint> seeds;
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back(std::make_unique<udp_transport>(on_loopback(seeds)));
        seeds.assign(1, all.front()->local_endpoint());
        all.back()->start();
    }
    return all;
}

TEST(UdpTransportTest, FiveNodesFindEachOthersPointers)
{
    const transports all = started(5);
    std::vector<node_id> keys;
    for (std::size_t i = 0; i < all.size(); ++i) {
        keys.push_back(sha1("object " + std::to_string(i)));
        all[i]->announce(keys[i], pointer{}, 3'600s);
    }
    for (std::size_t asker = 0; asker < all.size(); ++asker) {
        for (std::size_t owner = 0; owner < all.size(); ++owner) {
            if (asker == owner) {
                continue;
            }
            const get_result found = get_until_found(*all[asker], keys[owner]);
            ASSERT_EQ(found.pointers.size(), 1U) << asker << " asks for the key of " << owner;
            EXPECT_EQ(found.pointers[0].peer, all[owner]->local_endpoint());
            EXPECT_EQ(found.pointers[0].state, pointer_state::complete);
        }
    }
    EXPECT_GT(all[1]->expected_lookup_time(), 0ms);
    EXPECT_EQ(all[0]->snapshot().drops(drop_reason::malformed), 0U);
}

}  // namespace
}  // namespace dht
