#include "proxy/config_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace proxy {
namespace {

using boost::asio::ip::make_address;
using testing::HasSubstr;

template <class Parse>
void expect_refused(Parse parse, const std::vector<std::string>& texts, const std::string& expected)
{
    for (const std::string& text : texts) {
        const auto parsed = parse(text);
        ASSERT_FALSE(parsed) << "accepted: '" << text << "'";
        EXPECT_THAT(parsed.error().expected, HasSubstr(expected)) << text;
    }
}

TEST(ConfigValuesTest, EndpointHasAddressAndPort)
{
    EXPECT_EQ(*parse_host_port("127.0.0.1:3128"), (host_port{make_address("127.0.0.1"), 3128}));
    EXPECT_EQ(*parse_host_port("[::1]:0"), (host_port{make_address("::1"), 0}));
    EXPECT_EQ(*parse_host_port("0.0.0.0:65535"), (host_port{make_address("0.0.0.0"), 65535}));
    EXPECT_EQ(*parse_host_port("Localhost:80"), (host_port{make_address("127.0.0.1"), 80}));
}

TEST(ConfigValuesTest, EndpointOfMappedAddressIsIpv4)
{
    EXPECT_EQ(
        *parse_host_port("[::ffff:192.0.2.1]:80"), (host_port{make_address("192.0.2.1"), 80}));
}

TEST(ConfigValuesTest, EndpointThatCouldMeanTwoThingsIsRefused)
{
    expect_refused(parse_host_port,
        {"",
            ":",
            ":3128",
            "3128",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:65536",
            "127.0.0.1:-1",
            "127.0.0.1:+1",
            "127.0.0.1: 1",
            "127.0.0.1:80 ",
            "127.1:80",
            "::1:80",
            "[::1]",
            "[::1]80",
            "[127.0.0.1]:80",
            "[]:80",
            "[:80",
            "example.com:80",
            "256.0.0.1:80",
            std::string("127.0.0.1\0:80", 13)},
        "ADDRESS:PORT");
}

TEST(ConfigValuesTest, PeerToJoinHasPortAndAddress)
{
    EXPECT_TRUE(parse_peer_endpoint("192.0.2.7:4128"));
    expect_refused(parse_peer_endpoint,
        {"192.0.2.7:0", "0.0.0.0:4128", "[::]:4128", "224.0.0.1:4128", "peer"},
        "of a peer");
}

TEST(ConfigValuesTest, SizeCountsOctetsInBinaryAndDecimalUnits)
{
    const std::vector<std::pair<std::string, std::uint64_t>> cases{
        {"0", 0},
        {"1048576", 1'048'576},
        {"7B", 7},
        {"20GiB", 20ULL << 30},
        {"512 MiB", 512ULL << 20},
        {"1tib", 1ULL << 40},
        {"3KiB", 3072},
        {"2GB", 2'000'000'000},
        {"18446744073709551615", 18'446'744'073'709'551'615ULL},
        {"16777215TiB", 16'777'215ULL << 40},
    };
    for (const auto& [text, octets] : cases) {
        ASSERT_TRUE(parse_size(text)) << text;
        EXPECT_EQ(*parse_size(text), octets) << text;
    }
}

TEST(ConfigValuesTest, SizeThatOverflowsOrHasNoKnownUnitIsRefused)
{
    expect_refused(parse_size,
        {"",
            "GiB",
            "-1",
            "+1",
            "1.5GiB",
            "1G",
            "1 GiB ",
            "1  GiB",
            "0x10",
            "18446744073709551616",
            "16777216TiB"},
        "a size such as");
}

TEST(ConfigValuesTest, StoreIsNeverSmallerThanItsWorkingRoom)
{
    EXPECT_EQ(*parse_store_size("256MiB"), 256ULL << 20);
    expect_refused(parse_store_size, {"268435455", "0", "255MiB", "x"}, "at least 256MiB");
    EXPECT_EQ(*parse_memory_size("1MiB"), 1ULL << 20);
    expect_refused(parse_memory_size, {"1048575", "-1"}, "at least 1MiB");
}

TEST(ConfigValuesTest, DurationHasAUnit)
{
    using namespace std::chrono_literals;
    EXPECT_EQ(*parse_duration("500ms"), 500ms);
    EXPECT_EQ(*parse_duration("30s"), 30s);
    EXPECT_EQ(*parse_duration("5m"), 5min);
    EXPECT_EQ(*parse_duration("1h"), 1h);
    expect_refused(parse_duration,
        {"", "30", "s", "-1s", "1d", "8761h", "99999999999999999999s"},
        "a duration");
}

TEST(ConfigValuesTest, AddressBlockStartsAtItsFirstAddress)
{
    EXPECT_EQ(*parse_address_block("192.0.2.0/24"), (address_block{make_address("192.0.2.0"), 24}));
    EXPECT_EQ(*parse_address_block("0.0.0.0/0"), (address_block{make_address("0.0.0.0"), 0}));
    EXPECT_EQ(*parse_address_block("10.0.0.1"), (address_block{make_address("10.0.0.1"), 32}));
    EXPECT_EQ(
        *parse_address_block("2001:db8::/33"), (address_block{make_address("2001:db8::"), 33}));
    EXPECT_EQ(*parse_address_block("::1"), (address_block{make_address("::1"), 128}));
    expect_refused(parse_address_block, {"192.0.2.77/25"}, "192.0.2.0/25");
    expect_refused(parse_address_block, {"2001:db8::1/64"}, "2001:db8::/64");
    expect_refused(parse_address_block,
        {"",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0/8",
            "::/129",
            "any",
            "1.2.3.4/8/8"},
        "an address block");
}

TEST(ConfigValuesTest, OriginIsSchemeHostAndPort)
{
    const std::vector<std::pair<std::string, std::string>> cases{
        {"http://www.example.com", "http://www.example.com"},
        {"HTTP://WWW.Example.COM/", "http://www.example.com"},
        {"https://example.com:443", "https://example.com"},
        {"http://example.com:443", "http://example.com:443"},
        {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
        {"http://[::1]:8080/", "http://[::1]:8080"},
        {"https://[2001:DB8::1]", "https://[2001:db8::1]"},
    };
    for (const auto& [text, url] : cases) {
        ASSERT_TRUE(parse_origin(text)) << text;
        EXPECT_EQ(to_string(*parse_origin(text)), url);
    }
    EXPECT_EQ(parse_origin("https://example.com")->port, 443);
}

TEST(ConfigValuesTest, OriginWithMoreThanSchemeHostAndPortIsRefused)
{
    expect_refused(parse_origin,
        {"",
            "example.com",
            "ftp://example.com",
            "http://",
            "http:///",
            "http://example.com/path",
            "http://example.com?q",
            "http://user@example.com",
            "http://example.com:0",
            "http://example.com:",
            "http://example.com:65536",
            "http://[::1",
            "http://::1",
            "http://[example]",
            "http://-a.example",
            "http://a..b",
            "http://a b"},
        "scheme, host and port");
}

TEST(ConfigValuesTest, SuffixIsALowerCaseDomain)
{
    EXPECT_EQ(*parse_suffix("Atoll.LOCALHOST"), "atoll.localhost");
    EXPECT_TRUE(parse_suffix(std::string(63, 'a')));
    expect_refused(parse_suffix,
        {"", ".atoll", "atoll.", "a..b", "a b", "a/b", std::string(64, 'a'), "-a"},
        "a domain name");
}

TEST(ConfigValuesTest, LevelsAreFallingRoundTrips)
{
    using std::chrono::milliseconds;
    EXPECT_EQ(*parse_levels("60,20"), (std::vector{milliseconds{60}, milliseconds{20}}));
    EXPECT_EQ(*parse_levels("100"), std::vector{milliseconds{100}});
    EXPECT_TRUE(parse_levels("none")->empty());
    for (const char* text : {"",
             "0",
             "60,",
             ",20",
             "20,60",
             "20,20",
             "90,60,20",
             "60;20",
             "60 ,20",
             "10001",
             "-1",
             "x"}) {
        const auto refused = parse_levels(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().expected,
            "at most 2 falling numbers of milliseconds with commas between them, 1 to 10000, as in "
            "60,20; or none");
    }
}

TEST(ConfigValuesTest, WordsAndNumbersOutsideTheirSetAreRefused)
{
    EXPECT_EQ(*parse_log_format("json"), log_format::json);
    EXPECT_EQ(*parse_threads("256"), 256U);
    EXPECT_EQ(*parse_network("lab-1.example"), "lab-1.example");
    EXPECT_EQ(parse_folder("/var/cache/atoll")->string(), "/var/cache/atoll");
    EXPECT_FALSE(*parse_switch("0"));
    expect_refused(parse_log_format, {"", "JSON", "combined"}, "common or json");
    expect_refused(parse_threads, {"", "257", "-1", "two"}, "from 0");
    expect_refused(parse_network, {"", std::string(65, 'a'), "a b", "a\n"}, "a name");
    expect_refused(parse_folder, {"", "~/cache", std::string("/a\0b", 4)}, "a folder");
    expect_refused(parse_switch, {"", "yes", "TRUE"}, "true or false");
}

}  // namespace
}  // namespace proxy
