#include "dht/core/value_store.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
const node_id key = sha1("key");

endpoint peer(unsigned number)
{
    return {boost::asio::ip::address_v4{0xc0000200U + number}, 4128};
}

pointer to(unsigned number, std::chrono::seconds life)
{
    pointer value;
    value.peer = peer(number);
    value.life = life;
    return value;
}

store_status put(value_store& store,
    unsigned number,
    std::chrono::seconds life,
    time_point now,
    admission how = admission::ordinary)
{
    return store.put(key, to(number, life), how, now);
}

void fill(value_store& store, std::chrono::seconds life)
{
    for (unsigned i = 0; i < 4; ++i) {
        ASSERT_EQ(put(store, i, life, start), store_status::stored);
    }
}

TEST(ValueStoreTest, HandsOutWhatIsLeftOfALife)
{
    value_store store{config{}};
    put(store, 1, 60s, start);
    const auto values = store.values(key, start + 20s);
    ASSERT_EQ(values.size(), 1U);
    EXPECT_EQ(values[0].peer, peer(1));
    EXPECT_EQ(values[0].life, 40s);
}

TEST(ValueStoreTest, HandsOutAllOfAPointerInBothFamilies)
{
    for (const char* const address : {"192.0.2.1", "2001:db8::1"}) {
        value_store store{config{}};
        pointer kept;
        kept.peer = {boost::asio::ip::make_address(address), 65'535};
        kept.state = pointer_state::in_flight;
        kept.life = 77s;
        kept.load = 254;
        kept.version_tag = 0xfedc'ba98'7654'3210;
        EXPECT_EQ(store.put(key, kept, admission::ordinary, start), store_status::stored);
        EXPECT_EQ(store.values(key, start), std::vector{kept});
        EXPECT_EQ(store.put(key, kept, admission::ordinary, start), store_status::stored);
        EXPECT_EQ(store.size(), 1U);
        store.withdraw(key, kept.peer);
        EXPECT_EQ(store.size(), 0U);
    }
}

TEST(ValueStoreTest, NoValueOutlivesItsLife)
{
    value_store store{config{}};
    put(store, 1, 60s, start);
    EXPECT_EQ(store.values(key, start + 59s).size(), 1U);
    EXPECT_TRUE(store.values(key, start + 60s).empty());
    EXPECT_EQ(store.size(), 1U);
    store.sweep(start + 60s);
    EXPECT_EQ(store.size(), 0U);
    store.check_invariant();
}

TEST(ValueStoreTest, RefreshesThePointerOfAPeerInPlace)
{
    value_store store{config{}};
    fill(store, 3'600s);
    EXPECT_EQ(put(store, 2, 3'600s, start + 100s), store_status::stored);
    EXPECT_EQ(store.size(), 4U);
    EXPECT_EQ(store.values(key, start + 3'650s).size(), 1U);
}

// Conformance test of the half-life rule: l pointers of 20 s do not keep an hour out.
TEST(ValueStoreTest, LongLifeDisplacesShortOnes)
{
    value_store store{config{}};
    fill(store, 20s);
    EXPECT_FALSE(store.count_put(key, 3'600s, start).full);
    EXPECT_TRUE(store.count_put(key, 20s, start).full);
    EXPECT_EQ(put(store, 9, 3'600s, start + 1s), store_status::stored);
    EXPECT_EQ(store.size(), 4U);
    EXPECT_EQ(store.values(key, start + 30s).size(), 1U);
}

TEST(ValueStoreTest, FullWithRoomInTheLeakEvictsTheShortestLife)
{
    value_store store{config{}};
    for (unsigned i = 0; i < 4; ++i) {
        put(store, i, 3'600s, start + std::chrono::seconds{i});
    }
    EXPECT_EQ(put(store, 9, 3'600s, start + 10s, admission::leaked), store_status::stored);
    bool oldest_is_there = false;
    for (const pointer& value : store.values(key, start + 10s)) {
        oldest_is_there = oldest_is_there || value.peer == peer(0);
    }
    EXPECT_FALSE(oldest_is_there);
    EXPECT_EQ(store.size(), 4U);
    store.check_invariant();
}

TEST(ValueStoreTest, FullAndLoadedRefuses)
{
    value_store store{config{}};
    fill(store, 3'600s);
    EXPECT_EQ(put(store, 9, 3'600s, start + 10s), store_status::full_and_loaded);
    EXPECT_EQ(store.values(key, start + 10s).size(), 4U);
}

TEST(ValueStoreTest, FullRefusesAShorterLifeEvenWithRoomInTheLeak)
{
    value_store store{config{}};
    fill(store, 3'600s);
    EXPECT_EQ(put(store, 9, 20s, start + 10s, admission::leaked), store_status::full);
}

TEST(ValueStoreTest, FullnessEndsWhenHalfTheLifeIsGone)
{
    value_store store{config{}};
    fill(store, 3'600s);
    EXPECT_TRUE(store.count_put(key, 3'600s, start + 1'800s).full);
    EXPECT_FALSE(store.count_put(key, 3'600s, start + 1'801s).full);
}

// Conformance test of the leak: 1,000 puts a second ask for ten minutes.
TEST(ValueStoreTest, LeaksTwelvePutsAMinuteUnderAnyLoad)
{
    value_store store{config{}};
    fill(store, 36'000s);
    for (int minute = 0; minute < 10; ++minute) {
        int let_through = 0;
        for (int i = 0; i < 60'000; ++i) {
            const time_point now = start + std::chrono::minutes{minute} + i * 1ms;
            let_through += store.count_put(key, 3'600s, now).loaded ? 0 : 1;
        }
        EXPECT_NEAR(let_through, 12, 1) << "minute " << minute;
    }
}

TEST(ValueStoreTest, GetsDoNotUseUpTheLeakOfPuts)
{
    value_store store{config{}};
    fill(store, 3'600s);
    const time_point later = start + 60s;
    EXPECT_FALSE(store.count_get(key, later));
    EXPECT_TRUE(store.count_get(key, later + 1s));
    EXPECT_FALSE(store.count_put(key, 3'600s, later + 1s).loaded);
}

TEST(ValueStoreTest, OnlyTheOwnersPointerIsWithdrawn)
{
    value_store store{config{}};
    put(store, 1, 60s, start);
    put(store, 2, 60s, start);
    store.withdraw(key, peer(1));
    store.withdraw(key, peer(3));
    store.withdraw(sha1("other"), peer(2));
    ASSERT_EQ(store.values(key, start).size(), 1U);
    EXPECT_EQ(store.values(key, start)[0].peer, peer(2));
    store.check_invariant();
}

TEST(ValueStoreTest, KeepsToItsLimitInAll)
{
    config settings;
    settings.values_total = 10;
    value_store store{settings};
    for (unsigned i = 0; i < 20; ++i) {
        const auto status =
            store.put(sha1(std::to_string(i)), to(i, 60s), admission::ordinary, start);
        EXPECT_EQ(status, i < 10 ? store_status::stored : store_status::full);
    }
    EXPECT_EQ(store.size(), 10U);
    store.sweep(start + 60s);
    EXPECT_EQ(put(store, 1, 60s, start + 60s), store_status::stored);
    store.check_invariant();
}

TEST(ValueStoreTest, KeepsToItsLimitForASource)
{
    config settings;
    settings.values_per_source = 3;
    value_store store{settings};
    for (std::uint16_t port = 1; port <= 5; ++port) {
        pointer value = to(1, 60s);
        value.peer.port = port;
        const auto status =
            store.put(sha1(std::to_string(port)), value, admission::ordinary, start);
        EXPECT_EQ(status, port <= 3 ? store_status::stored : store_status::full);
    }
    EXPECT_EQ(put(store, 2, 60s, start), store_status::stored);
    store.withdraw(sha1("1"), {peer(1).address, 1});
    EXPECT_EQ(put(store, 1, 60s, start), store_status::stored);
    store.check_invariant();
}

TEST(ValueStoreTest, KeepsNothingForKeysThatAreOnlyAskedFor)
{
    value_store store{config{}};
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_FALSE(store.count_put(key, 60s, start).loaded);
        EXPECT_FALSE(store.count_get(key, start));
    }
}

}  // namespace
}  // namespace dht
