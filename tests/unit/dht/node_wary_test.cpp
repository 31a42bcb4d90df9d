#include "dht/core/node.hpp"
#include "tests/unit/dht/one_node.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace dht {
namespace {

pointer held_by(const endpoint& who)
{
    pointer value;
    value.peer = who;
    value.life = 100s;
    return value;
}

class NodeWaryTest : public OneNodeTest
{
protected:
    // Answers every query with what `values` says of who was asked.
    template <class Values>
    std::size_t answer_all(const Values& values)
    {
        std::size_t answered = 0;
        while (const auto question = next_sent()) {
            response reply = answer_of(sent_to);
            reply.values = values(sent_to);
            answer(sent_to, *question, reply);
            ++answered;
        }
        return answered;
    }
};

TEST_F(NodeWaryTest, BringsWhatMostSayFirstAndNothingThatWasRejected)
{
    for (std::uint32_t i = 2; i <= 7; ++i) {
        befriend(number(i));
    }
    const operation_id operation = self.get_again(sha1("key"), {number(90)}, 2s, now);
    const std::size_t asked = answer_all([](const endpoint& who) {
        std::vector<pointer> values{held_by(number(90))};
        if (who == number(3)) {
            values.push_back(held_by(number(91)));
        }
        if (who == number(4) || who == number(5)) {
            values.push_back(held_by(number(92)));
        }
        return values;
    });
    EXPECT_EQ(asked, 6U) << "no answer ends it";
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->operation, operation);
    ASSERT_EQ(ended->result.pointers.size(), 2U);
    EXPECT_EQ(ended->result.pointers[0].peer, number(92));
    EXPECT_EQ(ended->result.pointers[1].peer, number(91));
    EXPECT_FALSE(ended->result.timed_out);
}

TEST_F(NodeWaryTest, EndsAtItsDeadlineWithWhatThereIs)
{
    befriend(number(2));
    befriend(number(3));
    self.get_again(sha1("key"), {}, 200ms, now);
    const auto question = next_sent();
    ASSERT_TRUE(question);
    response reply = answer_of(sent_to);
    reply.values = {held_by(number(90))};
    answer(sent_to, *question, reply);
    while (next_sent()) {
    }
    EXPECT_FALSE(ended);
    now += 200ms;
    self.handle_timeout(now);
    while (next_sent()) {
    }
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->result.timed_out);
    EXPECT_EQ(ended->result.pointers.size(), 1U);
}

TEST_F(NodeWaryTest, AloneItEndsAtOnce)
{
    self.get_again(sha1("key"), {}, 1s, now);
    while (next_sent()) {
    }
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->result.pointers.empty());
}

}  // namespace
}  // namespace dht
