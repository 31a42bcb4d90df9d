// A private network: who has no key is not heard, and its secret can be changed while it works.

#include "dht/core/encoder.hpp"
#include "tests/sim/reef.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace sim {
namespace {

using namespace std::chrono_literals;

dht::config with_keys(const std::vector<dht::swarm_key>& keys)
{
    dht::config settings = one_level();
    settings.swarm = *dht::swarm_ring::of(keys);
    return settings;
}

std::size_t other_than(world& reef, std::size_t excluded)
{
    const std::size_t drawn = reef.random().below(reef.size() - 1);
    return drawn < excluded ? drawn : drawn + 1;
}

TEST(DhtSwarmTest, ASwarmFindsAllThatItHolds)
{
    seeded_random keys{11};
    world reef{1, {}, with_keys({dht::swarm_key::of_new_swarm(keys)})};
    populate(reef, 32);
    for (std::size_t i = 0; i < 32; ++i) {
        reef.announce(i, key_number(i), an_hour);
    }
    reef.run_for(10s);
    const yield result = ask_for_all(reef, 32);
    EXPECT_EQ(result.asked, 32U * 31U);
    EXPECT_EQ(result.found, result.asked);
    EXPECT_EQ(reef.at(0).snapshot().drops(dht::drop_reason::not_authentic), 0U);
}

// Nodes change their rings one by one, each by a restart as the program does. At every step puts
// and gets go between nodes that have changed and nodes that have not.
TEST(DhtSwarmTest, ASecretIsChangedWhileEveryGetSucceeds)
{
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        seeded_random keys{seed};
        const dht::swarm_key before = dht::swarm_key::of_new_swarm(keys);
        const dht::swarm_key after = before.next(keys);
        world reef{seed, {}, with_keys({before})};
        populate(reef, 16);
        std::size_t number = 0;
        for (const auto& ring :
            {with_keys({before, after}), with_keys({after, before}), with_keys({after})}) {
            for (std::size_t i = 0; i < reef.size(); ++i) {
                reef.configure(i, ring);
                reef.restart(i, {}, reef.at(i).contacts_to_remember());
                reef.run_for(2s);
                const std::size_t owner = reef.random().below(reef.size());
                ++number;
                ASSERT_GT(reef.put(owner, key_number(number), an_hour).copies, 0U);
                for (int gets = 0; gets < 4; ++gets) {
                    const std::size_t asker = other_than(reef, owner);
                    EXPECT_FALSE(reef.get(asker, key_number(number)).pointers.empty())
                        << "seed " << seed << ", key " << number << ", asked by " << asker;
                }
            }
        }
        for (std::size_t i = 0; i < reef.size(); ++i) {
            const dht::statistics counted = reef.at(i).snapshot();
            EXPECT_GE(counted.good_contacts, 8U) << i;
        }
    }
}

TEST(DhtSwarmTest, WhoLeavesOutTheStepInBetweenIsNotHeard)
{
    seeded_random keys{5};
    const dht::swarm_key before = dht::swarm_key::of_new_swarm(keys);
    world reef{5, {}, with_keys({before})};
    populate(reef, 8);
    reef.configure(3, with_keys({before.next(keys)}));
    reef.restart(3, {0}, reef.at(3).contacts_to_remember());
    reef.run_for(60s);
    EXPECT_EQ(reef.at(3).snapshot().good_contacts, 0U);
    EXPECT_GT(reef.at(0).snapshot().drops(dht::drop_reason::unknown_key), 0U);
}

// One node of another swarm, one of another network in the same swarm, one without a key, each
// joining through a member.
TEST(DhtSwarmTest, StrangersLearnNothingAndAreNotAnswered)
{
    seeded_random keys{7};
    const dht::swarm_key ours = dht::swarm_key::of_new_swarm(keys);
    world reef{7, {}, with_keys({ours})};
    populate(reef, 16);
    reef.announce(0, key_number(0), an_hour);
    reef.run_for(10s);
    const std::size_t other_swarm =
        reef.add_node({0, 1}, with_keys({dht::swarm_key::of_new_swarm(keys)}));
    const std::size_t keyless = reef.add_node({2, 3}, one_level());
    dht::config renamed = with_keys({ours});
    renamed.network = "another";
    const std::size_t other_network = reef.add_node({4, 5}, renamed);
    reef.run_for(600s);
    for (const std::size_t stranger : {other_swarm, keyless, other_network}) {
        EXPECT_TRUE(reef.at(stranger).contacts().empty()) << stranger;
        EXPECT_TRUE(reef.get(stranger, key_number(0)).pointers.empty()) << stranger;
        for (std::size_t member = 0; member < 16; ++member) {
            for (const dht::contact& known : reef.at(member).contacts()) {
                EXPECT_FALSE(known.at == reef.where(stranger)) << member;
            }
        }
    }
    // Who has no key gets no datagram at all; who has it is told why.
    EXPECT_EQ(reef.at(other_swarm).snapshot().datagrams_in, 0U);
    EXPECT_EQ(reef.at(keyless).snapshot().datagrams_in, 0U);
    EXPECT_GT(reef.at(other_network).snapshot().datagrams_in, 0U);
    EXPECT_GT(reef.at(0).snapshot().drops(dht::drop_reason::not_authentic), 0U);
    EXPECT_GT(reef.at(2).snapshot().drops(dht::drop_reason::not_sealed), 0U);
    EXPECT_GT(reef.at(4).snapshot().drops(dht::drop_reason::other_network), 0U);
}

TEST(DhtSwarmTest, AClockThatIsFarOffKeepsItsOwnerOutUntilItIsSet)
{
    seeded_random keys{9};
    world reef{9, {}, with_keys({dht::swarm_key::of_new_swarm(keys)})};
    populate(reef, 8);
    const std::size_t late = reef.add_node({});
    const auto unix_now = [&] {
        return std::chrono::system_clock::time_point{reef.now().time_since_epoch()};
    };
    reef.at(late).set_unix_time(unix_now() - 300s, reef.now());
    reef.at(late).join({reef.where(0)}, {}, reef.now());
    reef.begin_get(late, key_number(0));
    reef.run_for(60s);
    EXPECT_EQ(reef.at(late).snapshot().good_contacts, 0U);
    EXPECT_GT(reef.at(0).snapshot().drops(dht::drop_reason::wrong_time), 0U);
    reef.at(late).set_unix_time(unix_now() - 45s, reef.now());
    reef.run_for(120s);
    EXPECT_GT(reef.at(late).snapshot().good_contacts, 3U);
}

}  // namespace
}  // namespace sim
