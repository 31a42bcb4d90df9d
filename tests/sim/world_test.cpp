// That the simulated network does what its links, gateways and clocks are told to do.

#include "tests/sim/reef.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace sim {
namespace {

using namespace std::chrono_literals;

// Sends one datagram at each second, for so many, and counts what comes.
class beacon final : public actor
{
public:
    beacon(std::optional<dht::endpoint> to, int count, std::size_t octets)
        : to_(std::move(to)), left_(to_ ? count : 0), octets_(octets)
    {
    }

    void handle_datagram(const dht::endpoint& /*from*/,
        std::span<const std::byte> octets,
        dht::time_point now) override
    {
        ++received_;
        last_ = now;
        last_octets_ = octets.size();
    }

    void handle_timeout(dht::time_point now) override
    {
        due_ = now + 1s;
        --left_;
        is_ready_ = true;
    }

    std::optional<dht::time_point> next_timeout() const override
    {
        return left_ > 0 ? std::optional{due_} : std::nullopt;
    }

    std::optional<dht::send_datagram> poll_output() override
    {
        if (!std::exchange(is_ready_, false)) {
            return std::nullopt;
        }
        return dht::send_datagram{*to_, std::string(octets_, 'x')};
    }

    int received() const { return received_; }
    dht::time_point last() const { return last_; }
    std::size_t last_octets() const { return last_octets_; }

private:
    std::optional<dht::endpoint> to_;
    int left_;
    std::size_t octets_;
    dht::time_point due_{std::chrono::hours{1}};
    bool is_ready_ = false;
    int received_ = 0;
    dht::time_point last_{};
    std::size_t last_octets_ = 0;
};

// Node 0 hears what node 1 sends.
struct two_beacons
{
    explicit two_beacons(const link_model& links = {}, int count = 10, std::size_t octets = 100)
        : reef(1, links)
    {
        auto hears = std::make_unique<beacon>(std::nullopt, 0, 0);
        listener = hears.get();
        reef.add_actor(std::move(hears));
        reef.add_actor(std::make_unique<beacon>(reef.where(0), count, octets));
    }

    world reef;
    beacon* listener = nullptr;
};

TEST(WorldTest, DelayIsThatOfThePairAndLossIsCounted)
{
    link_model links;
    links.least_delay = 20ms;
    links.most_delay = 20ms;
    links.jitter = 0ms;
    two_beacons it{links};
    it.reef.run_for(15s);
    EXPECT_EQ(it.listener->received(), 10);
    EXPECT_EQ(it.listener->last(), dht::time_point{1h} + 9s + 20ms);

    links.loss_permille = 500;
    links.duplication_permille = 1'000;
    two_beacons lossy{links, 1'000};
    lossy.reef.run_for(1'100s);
    EXPECT_NEAR(lossy.listener->received(), 1'000, 120);
    EXPECT_EQ(lossy.listener->received() % 2, 0);
}

TEST(WorldTest, ADatagramLongerThanTheMtuIsLost)
{
    link_model links;
    two_beacons fits{links, 3, links.mtu_octets};
    fits.reef.run_for(10s);
    EXPECT_EQ(fits.listener->received(), 3);
    two_beacons longer{links, 3, links.mtu_octets + 1};
    longer.reef.run_for(10s);
    EXPECT_EQ(longer.listener->received(), 0);
}

TEST(WorldTest, ACutIsOneWay)
{
    two_beacons it;
    it.reef.cut(0, 1);
    it.reef.run_for(3s);
    EXPECT_GT(it.listener->received(), 0);
    const int before = it.listener->received();
    it.reef.cut(1, 0);
    it.reef.run_for(3s);
    EXPECT_LE(it.listener->received(), before);
    it.reef.heal(1, 0);
    it.reef.run_for(10s);
    EXPECT_GT(it.listener->received(), before);
}

TEST(WorldTest, BehindAGatewayOnlyThoseAreHeardWhoWereWrittenTo)
{
    two_beacons it{{}, 200};
    it.reef.put_behind_nat(0);
    it.reef.run_for(5s);
    EXPECT_EQ(it.listener->received(), 0);

    // Three datagrams out, and the gateway remembers for a minute.
    world reef{1};
    auto hears = std::make_unique<beacon>(reef.next_address(), 0, 0);
    auto& back = *hears;
    reef.add_actor(std::move(hears));
    const dht::endpoint first = reef.where(0);
    const dht::endpoint third{boost::asio::ip::make_address("10.0.0.3"), first.port};
    auto talks = std::make_unique<beacon>(third, 3, 100);
    auto& inside = *talks;
    reef.add_actor(std::move(talks));
    reef.put_behind_nat(1);
    reef.add_actor(std::make_unique<beacon>(reef.where(1), 200, 100));
    reef.run_for(200s);
    EXPECT_NEAR(inside.received(), 62, 1);
    EXPECT_EQ(back.received(), 0);
}

TEST(WorldTest, AFilterChangesAndDropsWhatANodeSends)
{
    two_beacons it;
    int count = 0;
    it.reef.set_filter(1, [&](std::string octets, const dht::endpoint& /*to*/) {
        return ++count % 2 == 0 ? std::optional{octets + "!"} : std::nullopt;
    });
    it.reef.run_for(15s);
    EXPECT_EQ(it.listener->received(), 5);
    EXPECT_EQ(it.listener->last_octets(), 101U);
}

TEST(WorldTest, ClocksMayBeAheadAndFast)
{
    world reef{1};
    reef.add_node({});
    reef.set_clock(0, {500ms, 100'000});
    EXPECT_EQ(reef.now_at(0) - reef.now(), 500ms);
    reef.run_for(10s);
    EXPECT_EQ(reef.now_at(0) - reef.now(), 1'500ms);

    // Nodes whose clocks disagree find what the others have stored.
    world many{2};
    for (std::size_t i = 0; i < 32; ++i) {
        many.add_node(i == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{0});
        many.set_clock(i, {std::chrono::milliseconds{i * 1'000}, static_cast<std::int32_t>(i)});
        many.run_for(100ms);
    }
    many.run_for(30s);
    for (std::size_t key = 0; key < 32; ++key) {
        many.put(key, key_number(key), an_hour);
    }
    many.run_for(50min);
    const yield result = ask_for_all(many, 32, 5);
    EXPECT_EQ(result.found, result.asked);
}

TEST(WorldTest, WhoPausesDoesLaterWhatWasDueAndHearsWhatCame)
{
    world reef{3};
    populate(reef, 20);
    reef.put(3, key_number(3), an_hour);
    for (std::size_t i = 5; i < 10; ++i) {
        reef.pause(i, 5s);
    }
    EXPECT_FALSE(reef.get(12, key_number(3)).pointers.empty());
    const std::uint64_t before = reef.at(5).snapshot().datagrams_in;
    reef.run_for(3s);
    EXPECT_EQ(reef.at(5).snapshot().datagrams_in, before);
    reef.run_for(10min);
    EXPECT_GT(reef.at(5).snapshot().datagrams_in, before);
    EXPECT_FALSE(reef.get(5, key_number(3)).pointers.empty());
}

TEST(WorldTest, ActionsHappenAtTheirTimeInTheirOrder)
{
    world reef{1};
    std::string order;
    const dht::time_point start = reef.now();
    reef.at(start + 2s, [&] { order += 'b'; });
    reef.at(start + 1s, [&] {
        order += 'a';
        reef.at(start + 2s, [&] { order += 'c'; });
        reef.at(start, [&] { order += '0'; });
    });
    reef.run_for(3s);
    EXPECT_EQ(order, "a0bc");
}

}  // namespace
}  // namespace sim
