// An oracle that never speaks is worth nothing: each is shown what it is there to see.

#include "tests/sim/oracles/calm.hpp"
#include "tests/sim/oracles/clusters.hpp"
#include "tests/sim/oracles/honest_answers.hpp"
#include "tests/sim/oracles/sloppy_storage.hpp"
#include "tests/sim/reef.hpp"
#include "tests/sim/world/churn.hpp"
#include "tests/sim/world/hostile.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>

namespace sim {
namespace {

using namespace std::chrono_literals;

// The first failure that is seen while `run` runs; empty if there is none.
template <class Run>
std::string failure_of(Run run)
{
    ::testing::TestPartResultArray seen;
    {
        const ::testing::ScopedFakeTestPartResultReporter reporter{
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &seen};
        run();
    }
    return seen.size() == 0 ? std::string{} : seen.GetTestPartResult(0).message();
}

bool says(const std::string& message, const std::string& what)
{
    return message.find(what) != std::string::npos;
}

void expect_healthy(std::uint64_t seed)
{
    link_model links;
    links.loss_permille = 50;
    links.duplication_permille = 20;
    links.reordering_permille = 50;
    world reef{seed, links};
    honest_answers answers{reef};
    sloppy_storage storage{reef, one_level()};
    calm quiet{reef};
    reef.add_witness(answers);
    reef.add_witness(storage);
    reef.add_witness(quiet);
    populate(reef, 60);
    for (std::size_t i = 0; i < 20; ++i) {
        reef.announce(i, key_number(i), an_hour);
    }
    const churn moving{reef, churn_of(reef, 10, 20)};
    for (int i = 0; i < 3'000; ++i) {
        const std::size_t asker = random_up(reef);
        const dht::node_id key = key_number(i % 4 == 0 ? reef.random().below(20) : 100);
        reef.begin_get(asker, key);
        if (i % 4 != 0) {
            reef.begin_put(asker, key, 10min);
        }
        reef.run_for(100ms);
    }
    EXPECT_GT(answers.contacts_judged(), 10'000U);
    EXPECT_GT(answers.pointers_judged(), 1'000U);
    EXPECT_GT(storage.displaced(), 10U);
    EXPECT_GT(moving.left(), 10U);
    EXPECT_LE(reef.most_overdue(), 1s);
}

TEST(OracleTest, AHealthyNetworkUnderFaultsAndChurnPassesAllOfThem)
{
    for (std::uint64_t seed = 1; seed <= seeds_wanted(1); ++seed) {
        expect_healthy(seed);
    }
}

TEST(OracleTest, FalseContactsAndFalsePointersAreSeen)
{
    for (const bool about_nodes : {true, false}) {
        world reef{2};
        honest_answers answers{reef};
        reef.add_witness(answers);
        populate(reef, 20);
        reef.put(3, key_number(3), an_hour);
        lies what;
        what.about_nodes = about_nodes;
        what.about_values = !about_nodes;
        make_liar(reef, 5, what);
        const std::string said = failure_of([&] {
            for (std::size_t key = 100; key < 150; ++key) {
                reef.get(key % 20, key_number(key));
            }
        });
        EXPECT_TRUE(says(said, about_nodes ? "never answered it" : "nobody put")) << said;
        EXPECT_TRUE(says(said, "node 5 ")) << said;
    }
}

TEST(OracleTest, WhoStoresBeyondItsLeakIsSeen)
{
    dht::config settings = one_level();
    settings.leakage_per_minute = 120;
    world reef{3, {}, settings};
    populate(reef, 30);
    sloppy_storage storage{reef, one_level()};  // judged by 12 a minute
    reef.add_witness(storage);
    const std::string said = failure_of([&] {
        for (int i = 0; i < 1'000; ++i) {
            reef.begin_put(reef.random().below(30), key_number(0), an_hour);
            reef.run_for(50ms);
        }
    });
    EXPECT_TRUE(says(said, "full and loaded")) << said;
    EXPECT_GT(storage.worst_puts_per_minute(), 100U);
}

TEST(OracleTest, WhoDoesNotSleepIsSeen)
{
    dht::config settings = one_level();
    settings.maintenance = 1s;
    world reef{4, {}, settings};
    calm quiet{reef, {30, 400, 10'000, 200}};
    reef.add_witness(quiet);
    reef.add_node({});
    reef.add_node({0});
    const std::string said = failure_of([&] { reef.run_for(5min); });
    EXPECT_TRUE(says(said, "does not sleep")) << said;
}

TEST(OracleTest, ClustersThatAreNotThoseOfTheSitesAreSeen)
{
    link_model links;
    links.site_delays = {{4ms, 35ms}, {35ms, 4ms}};
    world reef{5, links, dht::config{}};
    populate(reef, 12);
    EXPECT_TRUE(are_local(reef, 2));
    const std::string said = failure_of([&] { expect_settled(reef, 2, 1, 1min); });
    EXPECT_TRUE(says(said, "clusters(reef, level).size()")) << said;
}

}  // namespace
}  // namespace sim
