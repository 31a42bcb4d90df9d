#include "dht/core/wary_walk.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace dht {
namespace {

// IDs of one octet.
node_id small_id(unsigned number)
{
    node_id::array octets{};
    octets[0] = static_cast<std::uint8_t>(number);
    return node_id{octets};
}

contact small(unsigned number)
{
    contact who;
    who.id = small_id(number);
    who.at = {boost::asio::ip::address_v4{0x0a000000U + number}, 4128};
    return who;
}

std::vector<contact> all(unsigned first, unsigned last)
{
    std::vector<contact> out;
    for (unsigned i = first; i <= last; ++i) {
        out.push_back(small(i));
    }
    return out;
}

class WaryWalkTest : public ::testing::Test
{
protected:
    // Asks everybody; each names what `says` holds for it. How often each was asked.
    std::map<endpoint, int> run(
        wary_walk& walk, const std::map<node_id, std::vector<contact>>& says)
    {
        std::map<endpoint, int> asked;
        while (const auto who = walk.next()) {
            ++asked[who->at];
            const auto words = says.find(who->id);
            walk.answered(who->at, words == says.end() ? std::vector<contact>{} : words->second);
        }
        return asked;
    }

    config settings;
};

TEST_F(WaryWalkTest, NobodyIsAskedOnTwoPathsAndNobodyTwice)
{
    // Everybody names the same eight.
    std::map<node_id, std::vector<contact>> says;
    for (unsigned i = 0; i < 256; ++i) {
        says[small_id(i)] = all(1, 8);
    }
    wary_walk walk{small_id(0), settings, all(100, 111)};
    const auto asked = run(walk, says);
    for (unsigned i = 1; i <= 8; ++i) {
        EXPECT_EQ(asked.count(small(i).at), 1U) << i;
    }
    for (const auto& [who, times] : asked) {
        EXPECT_EQ(times, 1);
    }
    EXPECT_TRUE(walk.is_finished());
    EXPECT_EQ(walk.queries(), asked.size());
    EXPECT_EQ(walk.answers(), asked.size());
}

// The liar names an endless row of accomplices, each closer than the last.
TEST_F(WaryWalkTest, ALiarLeadsOnlyItsOwnPathAstray)
{
    std::map<node_id, std::vector<contact>> says;
    says[small_id(100)] = all(50, 80);
    for (unsigned i = 50; i <= 80; ++i) {
        says[small_id(i)] = all(20, 49);
    }
    for (unsigned i = 101; i <= 105; ++i) {
        says[small_id(i)] = all(200, 215);
    }
    wary_walk walk{small_id(0), settings, all(100, 105)};
    const auto asked = run(walk, says);
    for (const unsigned i : {101U, 102U, 104U, 105U}) {
        EXPECT_EQ(asked.count(small(i).at), 1U) << i;
    }
    EXPECT_EQ(asked.count(small(103).at), 0U) << "it was dealt to the path of the liar";
    std::size_t honest = 0;
    for (unsigned i = 200; i <= 215; ++i) {
        honest += asked.count(small(i).at);
    }
    EXPECT_EQ(honest, 16U);
}

TEST_F(WaryWalkTest, AsksTwoAtATimeOnEachPathAndPassesByTheSilent)
{
    wary_walk walk{small_id(0), settings, all(1, 12)};
    std::vector<contact> waiting;
    while (const auto who = walk.next()) {
        waiting.push_back(*who);
    }
    ASSERT_EQ(waiting.size(), 6U);
    EXPECT_FALSE(walk.is_finished());
    walk.overdue(waiting[0].at);
    EXPECT_TRUE(walk.next());
    walk.failed(waiting[1].at);
    EXPECT_TRUE(walk.next());
    EXPECT_FALSE(walk.next());
}

TEST_F(WaryWalkTest, EndsHoweverManyAreNamed)
{
    std::map<node_id, std::vector<contact>> says;
    for (unsigned i = 0; i < 256; ++i) {
        says[small_id(i)] = all(i / 2, i);
    }
    settings.queries_per_walk = 5;
    wary_walk walk{small_id(0), settings, all(100, 255)};
    EXPECT_EQ(run(walk, says).size(), 15U);
    EXPECT_TRUE(walk.is_finished());
}

}  // namespace
}  // namespace dht
