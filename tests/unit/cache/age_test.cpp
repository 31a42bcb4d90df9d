#include "cache/policy/age.hpp"

#include "cache/policy/grammar.hpp"
#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using namespace std::chrono_literals;
using support::fields;
using support::noon;

// RFC 9111, section 5.1.
TEST(AgeTest, FirstMemberCountsAndInvalidAgeIsIgnored)
{
    struct
    {
        std::string_view value;
        std::optional<std::chrono::seconds> age;
    } const cases[] = {
        {"0", 0s},
        {"7200", 7200s},
        {"7200, 0", 7200s},
        {"0, 7200", 0s},
        {"2147483647", 2147483647s},
        {"2147483648", max_delta_seconds},
        {"99999999999999999999", max_delta_seconds},
        {"abc", std::nullopt},
        {"-7200", std::nullopt},
        {"7200.0", std::nullopt},
        {"7200;foo=bar", std::nullopt},
        {"abc, 7200", std::nullopt},
        {"\"7200\"", std::nullopt},
        {"", std::nullopt},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(received_age(fields({{"Age", c.value}})), c.age) << c.value;
    }
    EXPECT_EQ(received_age(fields({{"Age", "7200"}, {"Age", "0"}})), 7200s);
    EXPECT_EQ(received_age(fields({{"Age", "0"}, {"Age", "7200"}})), 0s);
    EXPECT_EQ(received_age({}), std::nullopt);
}

// RFC 9111, section 4.2.3.
TEST(AgeTest, InitialAgeIsTheGreaterOfClockAndFieldWithDelay)
{
    const auto date = std::chrono::floor<std::chrono::seconds>(noon);
    struct
    {
        std::string_view what;
        std::optional<std::chrono::seconds> age_value;
        std::chrono::milliseconds date_offset;  // from noon
        std::chrono::milliseconds delay;        // the request was sent so long before noon
        std::chrono::seconds expected;
    } const cases[] = {
        {"nothing aged", std::nullopt, 0s, 0s, 0s},
        {"Age alone", 100s, 0s, 0s, 100s},
        {"response delay is added to Age", 100s, 0s, 5s, 105s},
        {"response delay without Age", std::nullopt, 0s, 5s, 5s},
        {"part of a second is none", std::nullopt, 0s, 900ms, 0s},
        {"old Date", std::nullopt, -3600s, 0s, 3600s},
        {"old Date beside a smaller Age", 100s, -3600s, 0s, 3600s},
        {"Date ahead of our clock", std::nullopt, 3600s, 0s, 0s},
        {"Date ahead beside an Age", 7s, 3600s, 0s, 7s},
        {"clock set back between request and response", std::nullopt, 0s, -60s, 0s},
        {"no overflow", max_delta_seconds, 0s, 5s, max_delta_seconds},
    };
    for (const auto& c : cases) {
        const auto sent = std::chrono::floor<std::chrono::seconds>(date + c.date_offset);
        EXPECT_EQ(corrected_initial_age(c.age_value, sent, noon - c.delay, noon), c.expected)
            << c.what;
    }
}

TEST(AgeTest, CurrentAgeGrowsFromTheInitialOneAndNeverShrinks)
{
    const stored_response stored = support::stored(fields({{"Age", "100"}}));
    EXPECT_EQ(current_age(stored, noon), 100s);
    EXPECT_EQ(current_age(stored, noon + 1999ms), 101s);
    EXPECT_EQ(current_age(stored, noon + 1h), 3700s);
    EXPECT_EQ(current_age(stored, noon - 1h), 100s);
    EXPECT_EQ(current_age(stored, noon + std::chrono::years{200}), max_delta_seconds);
}

}  // namespace
}  // namespace cache
