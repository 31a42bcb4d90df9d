#include "dht/net/udp_transport.hpp"

#include "dht/net/system_random.hpp"

#include <boost/system/system_error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
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
    wanted.bind = {endpoint{boost::asio::ip::address_v4::loopback(), 0}};
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

claim_result claim_and_wait(udp_transport& from, const node_id& key, lease_number silent = 0)
{
    std::promise<claim_result> promise;
    auto future = promise.get_future();
    from.claim(
        key, silent, budget, [&](claim_result result) { promise.set_value(std::move(result)); });
    return future.get();
}

// A get for whoever looks by hand: also for what a get just before has not found.
get_result look(udp_transport& from, const node_id& key)
{
    std::promise<get_result> promise;
    auto future = promise.get_future();
    from.trace(key, budget, [&](get_result result) { promise.set_value(std::move(result)); });
    return future.get();
}

// Looks until somebody knows or the attempts are used up: a put is on its way for some round trips.
get_result get_until_found(udp_transport& from, const node_id& key)
{
    constexpr int most_attempts = 2'000;
    get_result result;
    for (int i = 0; i < most_attempts && result.pointers.empty(); ++i) {
        result = look(from, key);
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

TEST(UdpTransportTest, OneOfFiveLeadsUntilItIsCompleteAndTheOthersAreSentToIt)
{
    const transports all = started(5);
    // Before it has joined, a node is a network of one.
    for (const auto& one : all) {
        for (int i = 0; i < 2'000 && one->snapshot().good_contacts < 4; ++i) {
            look(*one, sha1("anything"));
        }
    }
    const node_id key = sha1("object");
    const claim_result led = claim_and_wait(*all[3], key);
    ASSERT_EQ(led.outcome, claim_outcome::leads);
    all[3]->renew(key, led.number, fetch_progress{1'000, 7, 42});
    for (const std::size_t asker : {0U, 1U, 2U, 4U}) {
        const claim_result sent = claim_and_wait(*all[asker], key);
        ASSERT_EQ(sent.outcome, claim_outcome::found) << asker;
        EXPECT_EQ(sent.number, led.number);
        EXPECT_EQ(sent.pointers[0].peer, all[3]->local_endpoint());
    }
    pointer whole;
    whole.version_tag = 42;
    all[3]->complete(key, led.number, whole, 3'600s);
    EXPECT_EQ(all[3]->snapshot().leases_held, 0U);
    const get_result found = get_until_found(*all[1], key);
    ASSERT_EQ(found.pointers.size(), 1U);
    EXPECT_EQ(found.pointers[0].peer, all[3]->local_endpoint());
    // Nobody can have what is for one client.
    const claim_result other = claim_and_wait(*all[2], sha1("private"));
    ASSERT_EQ(other.outcome, claim_outcome::leads);
    all[2]->release(sha1("private"), other.number, release_reason::not_shareable);
    claim_result told;
    for (int i = 0; i < 2'000 && told.outcome != claim_outcome::do_not_coordinate; ++i) {
        told = claim_and_wait(*all[4], sha1("private"));
    }
    EXPECT_EQ(told.outcome, claim_outcome::do_not_coordinate);
}

TEST(UdpTransportTest, AClaimEndsAtTheStopOrAfterIt)
{
    const udp_transport silent{on_loopback({})};
    udp_transport asker{on_loopback({silent.local_endpoint()})};
    asker.start();
    std::promise<claim_result> promise;
    auto future = promise.get_future();
    asker.stop();
    asker.claim(sha1("x"), 0, budget, [&](claim_result result) { promise.set_value(result); });
    const claim_result result = future.get();
    EXPECT_EQ(result.outcome, claim_outcome::nobody_grants);
    EXPECT_TRUE(result.timed_out);
}

TEST(UdpTransportTest, InASwarmStrangersAreNotAnsweredAndFindNothing)
{
    system_random random;
    const swarm_key key = swarm_key::of_new_swarm(random);
    udp_transport::settings wanted = on_loopback({});
    wanted.swarm = *swarm_ring::of({key});
    udp_transport first{wanted};
    wanted.seeds = {first.local_endpoint()};
    udp_transport second{wanted};
    first.start();
    second.start();
    first.announce(sha1("key"), pointer{}, 3'600s);
    ASSERT_EQ(get_until_found(second, sha1("key")).pointers.size(), 1U);

    udp_transport::settings keyless = on_loopback(wanted.seeds);
    udp_transport::settings other_swarm = keyless;
    other_swarm.swarm = *swarm_ring::of({swarm_key::of_new_swarm(random)});
    udp_transport::settings other_network = wanted;
    other_network.network = "another";
    const auto expect_dropped = [&](const udp_transport::settings& as, drop_reason why) {
        udp_transport stranger{as};
        stranger.start();
        for (int i = 0; i < 2'000 && first.snapshot().drops(why) == 0; ++i) {
            EXPECT_TRUE(look(stranger, sha1("key")).pointers.empty());
        }
        EXPECT_GT(first.snapshot().drops(why), 0U);
        EXPECT_TRUE(stranger.contacts().empty());
        return stranger.snapshot().datagrams_in;
    };
    EXPECT_EQ(expect_dropped(keyless, drop_reason::not_sealed), 0U);
    EXPECT_EQ(expect_dropped(other_swarm, drop_reason::not_authentic), 0U);
    expect_dropped(other_network, drop_reason::other_network);
    EXPECT_EQ(first.contacts().size(), 1U) << "the second of the swarm, and no stranger";
}

TEST(UdpTransportTest, ItsReceiveBufferIsAsLargeAsTheSystemAllows)
{
    std::ifstream in{"/proc/sys/net/core/rmem_max"};
    std::size_t allowed = 0;
    if (!(in >> allowed)) {
        GTEST_SKIP() << "the system does not say what it allows";
    }
    const udp_transport one{on_loopback({})};
    const std::size_t granted = one.receive_buffer_octets();
    EXPECT_TRUE(granted == std::min(udp_transport::wanted_buffer_octets, allowed)) << granted;
}

TEST(UdpTransportTest, ATakenPortIsAnErrorAtTheStart)
{
    const udp_transport first{on_loopback({})};
    udp_transport::settings same = on_loopback({});
    same.bind = {first.local_endpoint()};
    EXPECT_THROW(udp_transport{same}, boost::system::system_error);
}

TEST(UdpTransportTest, ANetworkOfOneAnswersAtOnce)
{
    udp_transport alone{on_loopback({})};
    alone.start();
    alone.announce(sha1("own"), pointer{}, 3'600s);
    const get_result result = get_and_wait(alone, sha1("own"));
    EXPECT_TRUE(result.pointers.empty());
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(alone.snapshot().values_stored, 1U);
    EXPECT_EQ(alone.expected_lookup_time(), 0ms);
}

TEST(UdpTransportTest, ASilentSeedEndsAGetAtItsDeadline)
{
    // Bound, never started: whatever is sent there is lost.
    const udp_transport silent{on_loopback({})};
    udp_transport asker{on_loopback({silent.local_endpoint()})};
    asker.start();
    const get_result result = get_and_wait(asker, sha1("key"));
    EXPECT_TRUE(result.pointers.empty());
}

TEST(UdpTransportTest, StopEndsWaitingGetsOnceAndTwiceIsHarmless)
{
    std::atomic<int> ended = 0;
    udp_transport idle{on_loopback({})};
    idle.get(sha1("key"), 60'000ms, [&](const get_result& result) {
        EXPECT_TRUE(result.timed_out || result.pointers.empty());
        ++ended;
    });
    EXPECT_EQ(ended, 0) << "it waits for the start";
    idle.stop();
    EXPECT_EQ(ended, 1);
    idle.stop();
    idle.start();
    idle.get(sha1("key"), 60'000ms, [&](const get_result& result) {
        EXPECT_TRUE(result.timed_out);
        ++ended;
    });
    EXPECT_EQ(ended, 2);
    idle.announce(sha1("key"), pointer{}, 60s);
    idle.withdraw(sha1("key"));
    EXPECT_EQ(idle.snapshot().announcements, 0U);
    EXPECT_TRUE(idle.contacts().empty());
}

TEST(UdpTransportTest, CallsFromManyThreadsDuringStopAllComeBack)
{
    const transports all = started(2);
    std::atomic<int> begun = 0;
    std::atomic<int> ended = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&, i] {
            for (int n = 0; n < 200; ++n) {
                ++begun;
                const node_id key = sha1(std::to_string(i * 1'000 + n));
                all[1]->get(key, 1'000ms, [&](const get_result&) { ++ended; });
                all[1]->announce(key, pointer{}, 60s);
                all[1]->snapshot();
            }
        });
    }
    all[1]->stop();
    for (std::thread& caller : callers) {
        caller.join();
    }
    all[1]->stop();
    EXPECT_EQ(ended, begun);
}

TEST(UdpTransportTest, AHandlerMayAskTheTransport)
{
    udp_transport alone{on_loopback({})};
    alone.start();
    std::promise<std::size_t> promise;
    auto future = promise.get_future();
    alone.get(sha1("key"), budget, [&](const get_result&) {
        promise.set_value(alone.snapshot().contacts + alone.contacts().size());
    });
    EXPECT_EQ(future.get(), 0U);
}

TEST(UdpTransportTest, ContactsOutliveTheProcess)
{
    std::string name = (std::filesystem::temp_directory_path() / "transport_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    const transports all = started(2);
    udp_transport::settings wanted = on_loopback({all[0]->local_endpoint()});
    wanted.contacts_file = std::filesystem::path{name} / "contacts";
    {
        udp_transport first{wanted};
        first.start();
        all[1]->announce(sha1("key"), pointer{}, 3'600s);
        EXPECT_FALSE(get_until_found(first, sha1("key")).pointers.empty());
    }
    wanted.seeds.clear();
    udp_transport second{wanted};
    second.start();
    EXPECT_FALSE(get_until_found(second, sha1("key")).pointers.empty());
    std::filesystem::remove_all(name);
}

TEST(UdpTransportTest, BoundToNoAddressItLearnsItsOwn)
{
    const transports all = started(2);
    udp_transport::settings wanted = on_loopback({all[0]->local_endpoint()});
    wanted.bind.front().address = boost::asio::ip::address_v4::any();
    udp_transport wanderer{wanted};
    wanderer.start();
    wanderer.announce(sha1("key"), pointer{}, 3'600s);
    const get_result found = get_until_found(*all[1], sha1("key"));
    ASSERT_EQ(found.pointers.size(), 1U);
    EXPECT_EQ(to_string(found.pointers[0].peer),
        "127.0.0.1:" + std::to_string(wanderer.local_endpoint().port));
}

// One that speaks both families is found in both tables and finds what is in either.
TEST(UdpTransportTest, InBothFamiliesItIsOnePeerWithTwoTables)
{
    const endpoint v6{boost::asio::ip::address_v6::loopback(), 0};
    udp_transport old_one{on_loopback({})};
    udp_transport::settings of_v6 = on_loopback({});
    of_v6.bind = {v6};
    udp_transport new_one{of_v6};
    udp_transport::settings of_both =
        on_loopback({old_one.local_endpoint(), new_one.local_endpoint()});
    of_both.bind.push_back(v6);
    udp_transport both{of_both};
    for (udp_transport* const one : {&old_one, &new_one, &both}) {
        one->start();
    }
    ASSERT_EQ(both.local_endpoints().size(), 2U);
    both.announce(sha1("both"), pointer{}, 3'600s);
    old_one.announce(sha1("old"), pointer{}, 3'600s);
    new_one.announce(sha1("new"), pointer{}, 3'600s);

    const auto holder = [](udp_transport& asked, const char* key) {
        const get_result found = get_until_found(asked, sha1(key));
        return found.pointers.empty() ? endpoint{} : found.pointers.front().peer;
    };
    EXPECT_EQ(holder(old_one, "both"), both.local_endpoints()[0]);
    EXPECT_EQ(holder(new_one, "both"), both.local_endpoints()[1]);
    EXPECT_EQ(holder(both, "old"), old_one.local_endpoint());
    EXPECT_EQ(holder(both, "new"), new_one.local_endpoint());
    EXPECT_EQ(get_and_wait(both, sha1("new")).pointers.size(), 1U) << "one table is enough";
    EXPECT_TRUE(look(old_one, sha1("new")).pointers.empty()) << "the tables are two";
    EXPECT_EQ(both.contacts().size(), 2U);
    EXPECT_EQ(both.snapshots().size(), 2U);

    // The right to fetch is one, whatever the number of tables.
    const claim_result led = claim_and_wait(both, sha1("object"));
    EXPECT_EQ(led.outcome, claim_outcome::leads);
    both.complete(sha1("object"), led.number, pointer{}, 3'600s);
    EXPECT_EQ(holder(old_one, "object"), both.local_endpoints()[0]);
    EXPECT_EQ(holder(new_one, "object"), both.local_endpoints()[1]);
    both.withdraw(sha1("both"));
    for (udp_transport* const one : {&old_one, &new_one}) {
        for (int i = 0; i < 2'000 && !look(*one, sha1("both")).pointers.empty(); ++i) {
        }
        EXPECT_TRUE(look(*one, sha1("both")).pointers.empty());
    }
    both.stop();
    EXPECT_TRUE(get_and_wait(both, sha1("old")).timed_out);
}

TEST(UdpTransportTest, SpeaksIpv6)
{
    udp_transport::settings wanted = on_loopback({});
    wanted.bind.front().address = boost::asio::ip::address_v6::loopback();
    udp_transport first{wanted};
    wanted.seeds = {first.local_endpoint()};
    udp_transport second{wanted};
    first.start();
    second.start();
    first.announce(sha1("key"), pointer{}, 3'600s);
    const get_result found = get_until_found(second, sha1("key"));
    ASSERT_EQ(found.pointers.size(), 1U);
    EXPECT_EQ(found.pointers[0].peer, first.local_endpoint());
}

}  // namespace
}  // namespace dht
