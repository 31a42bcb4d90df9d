#include "dht/core/token_mint.hpp"

#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

using namespace std::chrono_literals;

const endpoint asker{boost::asio::ip::make_address("192.0.2.1"), 4128};
const node_id key = sha1("key");
constexpr time_point start{1h};

class TokenMintTest : public ::testing::Test
{
protected:
    sim::seeded_random random{7};
    token_mint mint{config{}, random, start};
};

TEST_F(TokenMintTest, AcceptsItsOwnAndTellsTheAdmission)
{
    const std::string ordinary = mint.make(asker, key, admission::ordinary, start);
    const std::string leaked = mint.make(asker, key, admission::leaked, start);
    EXPECT_EQ(ordinary.size(), 8U);
    EXPECT_EQ(mint.check(ordinary, asker, key, start), admission::ordinary);
    EXPECT_EQ(mint.check(leaked, asker, key, start), admission::leaked);
}

TEST_F(TokenMintTest, RefusesTheTokenOfAnotherAddressPortOrKey)
{
    const std::string token = mint.make(asker, key, admission::ordinary, start);
    const endpoint other_port{asker.address, 4129};
    const endpoint other_address{boost::asio::ip::make_address("192.0.2.2"), 4128};
    EXPECT_FALSE(mint.check(token, other_port, key, start));
    EXPECT_FALSE(mint.check(token, other_address, key, start));
    EXPECT_FALSE(mint.check(token, asker, sha1("other"), start));
    EXPECT_FALSE(mint.check("", asker, key, start));
    EXPECT_FALSE(mint.check(token + "x", asker, key, start));
}

TEST_F(TokenMintTest, TokenLivesFiveToTenMinutes)
{
    const std::string token = mint.make(asker, key, admission::ordinary, start);
    EXPECT_TRUE(mint.check(token, asker, key, start + 299s));
    EXPECT_TRUE(mint.check(token, asker, key, start + 301s));
    EXPECT_TRUE(mint.check(token, asker, key, start + 599s));
    EXPECT_FALSE(mint.check(token, asker, key, start + 602s));
}

TEST_F(TokenMintTest, SilenceForTwoRotationsEndsBothSecrets)
{
    const std::string token = mint.make(asker, key, admission::ordinary, start);
    EXPECT_FALSE(mint.check(token, asker, key, start + 601s));
}

}  // namespace
}  // namespace dht
