// The reference models are what they are said to be: a baseline that does not work proves nothing.

#include "tests/sim/models/chord_node.hpp"
#include "tests/sim/models/kademlia_node.hpp"
#include "tests/sim/reef.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

namespace sim {
namespace {

using namespace std::chrono_literals;

template <class Model>
struct model_network
{
    explicit model_network(std::uint64_t seed, const link_model& links = {}) : reef(seed, links) {}

    Model& add()
    {
        auto fresh = std::make_unique<Model>(reef.next_address(), reef.random().next());
        nodes.push_back(fresh.get());
        const std::size_t index = reef.add_actor(std::move(fresh));
        if (index > 0) {
            nodes[index]->join(nodes[reef.random().below(index)]->self(), reef.now());
        } else if constexpr (std::is_same_v<Model, chord_node>) {
            nodes[index]->start(reef.now());
        }
        reef.carry_out(index);
        return *nodes.back();
    }

    void populate(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            add();
            reef.run_for(1s);
        }
        reef.run_for(20min);
    }

    void put(std::size_t who, std::size_t key)
    {
        nodes[who]->put(
            key_number(key), an_hour, [](const model_result&) {}, reef.now());
        reef.carry_out(who);
        reef.run_for(3s);
    }

    void kill(std::size_t who)
    {
        reef.kill(who);
        nodes[who] = nullptr;
    }

    // Everybody who is left asks for the keys of everybody who is left.
    yield ask_all(std::size_t stride)
    {
        yield result;
        for (std::size_t who = 0; who < nodes.size(); ++who) {
            for (std::size_t key = 0; key < nodes.size(); ++key) {
                if ((who + key) % stride != 0 || who == key || !nodes[who]) {
                    continue;
                }
                ++result.asked;
                const auto done = [&result](const model_result& got) {
                    result.found += got.values.empty() ? 0 : 1;
                    result.hops += got.hops;
                };
                nodes[who]->get(key_number(key), done, reef.now());
                reef.carry_out(who);
            }
            reef.run_for(10s);
        }
        return result;
    }

    world reef;
    std::vector<Model*> nodes;
};

template <class Model>
class ModelTest : public ::testing::Test
{
};

using models = ::testing::Types<kademlia_node, chord_node>;
TYPED_TEST_SUITE(ModelTest, models);

TYPED_TEST(ModelTest, EveryKeyIsFoundFromEverywhereInAboutHalfOfLog2Hops)
{
    model_network<TypeParam> it{1};
    it.populate(100);
    for (std::size_t i = 0; i < 100; ++i) {
        it.put(i, i);
    }
    const yield result = it.ask_all(7);
    EXPECT_EQ(result.found, result.asked);
    EXPECT_GE(result.mean_hops(), 1.5);
    EXPECT_LE(result.mean_hops(), 5);
}

TYPED_TEST(ModelTest, AQuarterDiesAndTheOthersStillFindNearlyAll)
{
    model_network<TypeParam> it{2};
    it.populate(64);
    for (std::size_t i = 0; i < 64; ++i) {
        it.put(i, i);
    }
    for (std::size_t i = 0; i < 16; ++i) {
        it.kill(i * 4);
    }
    it.reef.run_for(20min);
    const yield result = it.ask_all(5);
    EXPECT_GE(result.found * 100, result.asked * 90);
}

TYPED_TEST(ModelTest, LossIsOvercomeByRepetition)
{
    link_model links;
    links.loss_permille = 50;
    model_network<TypeParam> it{3, links};
    it.populate(32);
    for (std::size_t i = 0; i < 32; ++i) {
        it.put(i, i);
    }
    const yield result = it.ask_all(3);
    EXPECT_GE(result.found * 100, result.asked * 97);
}

TEST(KademliaModelTest, AValueIsAtTheEightNodesClosestToItsKey)
{
    model_network<kademlia_node> it{4};
    it.populate(64);
    std::vector<kademlia_node*> by_distance = it.nodes;
    std::sort(by_distance.begin(), by_distance.end(), [](const auto* left, const auto* right) {
        return is_closer(key_number(0), left->self().id, right->self().id);
    });
    const auto putter = std::find(it.nodes.begin(), it.nodes.end(), by_distance.back());
    for (kademlia_node* one : it.nodes) {
        one->watch(key_number(0));
    }
    it.put(static_cast<std::size_t>(putter - it.nodes.begin()), 0);
    for (std::size_t i = 0; i < kademlia_node::k; ++i) {
        EXPECT_GE(by_distance[i]->watched(), 2U) << "asked, and told to store";
    }
}

TEST(ChordModelTest, TheRingClosesInTheOrderOfPlacesAndAfterFarewells)
{
    model_network<chord_node> it{5};
    it.populate(40);
    const auto expect_ring = [&it] {
        std::vector<chord_node*> ring;
        std::copy_if(it.nodes.begin(), it.nodes.end(), std::back_inserter(ring), [](auto* one) {
            return one != nullptr;
        });
        std::sort(ring.begin(), ring.end(), [](const auto* left, const auto* right) {
            return left->self().id < right->self().id;
        });
        for (std::size_t i = 0; i < ring.size(); ++i) {
            const peer& next = ring[(i + 1) % ring.size()]->self();
            ASSERT_FALSE(ring[i]->successor_list().empty());
            EXPECT_TRUE(ring[i]->successor_list().front() == next) << i;
            EXPECT_TRUE(ring[(i + 1) % ring.size()]->predecessor() == ring[i]->self()) << i;
        }
    };
    expect_ring();
    for (std::size_t i = 1; i < 40; i += 4) {
        it.nodes[i]->leave(it.reef.now());
        it.reef.carry_out(i);
        it.reef.run_for(1s);
        it.kill(i);
    }
    it.reef.run_for(2min);
    expect_ring();
}

}  // namespace
}  // namespace sim
