#include "proxy/core/target.hpp"

#include "proxy/http1/parser.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

target_rules rules()
{
    return {
        "atoll.localhost", {{"https", "www.example.com", 443}, {"http", "files.example", 8080}}};
}

target_rules single_route()
{
    return {"atoll.localhost", {{"http", "origin.example", 8000}}};
}

http1::request_head request(const std::string& line, const std::string& fields)
{
    http1::request_head head;
    const auto parsed = http1::request_parser{}.parse(line + "\r\n" + fields + "\r\n", head);
    EXPECT_TRUE(parsed) << line << ": " << parsed.error().message();
    return head;
}

boost::system::result<target, target_refusal> resolve(const std::string& line,
    const std::string& host,
    const target_rules& with = rules(),
    const std::string& fields = "")
{
    return resolve_target(request(line + " HTTP/1.1", "Host: " + host + "\r\n" + fields), with);
}

target resolved(
    const std::string& line, const std::string& host, const target_rules& with = rules())
{
    const auto found = resolve(line, host, with);
    EXPECT_TRUE(found) << line << ", " << host << ": "
                       << (found ? std::string_view{} : explain(found.error()));
    return found ? *found : target{};
}

void expect_refused(const std::string& line,
    const std::string& host,
    target_refusal reason,
    const target_rules& with = rules())
{
    const auto found = resolve(line, host, with);
    ASSERT_FALSE(found) << line << ", " << host;
    EXPECT_EQ(found.error(), reason) << line << ", " << host;
}

TEST(TargetTest, AbsoluteFormIsForwarded)
{
    const target found = resolved("GET http://Example.COM:8080/a?b", "example.com:8080");
    EXPECT_EQ(found.way, way_in::forward);
    EXPECT_EQ(found.scheme, "http");
    EXPECT_EQ(found.host, "example.com");
    EXPECT_EQ(found.port, 8080);
    EXPECT_EQ(found.path_and_query, "/a?b");
    EXPECT_EQ(found.authority(), "example.com:8080");
    EXPECT_EQ(found.coral_authority, "");
}

TEST(TargetTest, AbsoluteFormReplacesHost)  // RFC 9112, section 3.2.2
{
    EXPECT_EQ(resolved("GET http://a.example/", "www.example.com").host, "a.example");
    EXPECT_EQ(resolved("GET http://a.example/", "b.example.atoll.localhost").way, way_in::forward);
}

TEST(TargetTest, PortIsTheDefaultOfTheScheme)
{
    EXPECT_EQ(resolved("GET http://a/", "a").port, 80);
    EXPECT_EQ(resolved("GET http://a:/", "a").port, 80);
    EXPECT_EQ(resolved("GET HTTPS://a/", "a").port, 443);
    EXPECT_EQ(resolved("GET HTTPS://a/", "a").scheme, "https");
    EXPECT_EQ(resolved("GET http://a:80/", "a").authority(), "a");
    EXPECT_EQ(resolved("GET https://a:443/", "a").authority(), "a");
    EXPECT_EQ(resolved("GET http://a:443/", "a").authority(), "a:443");
    EXPECT_EQ(resolved("GET https://[::1]:80/", "a").authority(), "[::1]:80");
}

TEST(TargetTest, EmptyPathIsTheRoot)  // RFC 9110, section 4.2.3
{
    EXPECT_EQ(resolved("GET http://a", "a").path_and_query, "/");
    EXPECT_EQ(resolved("GET http://a?b", "a").path_and_query, "/?b");
    EXPECT_EQ(resolved("POST http://a", "a").path_and_query, "/");
}

TEST(TargetTest, OptionsOfAServerReachesTheOriginAsAsterisk)  // RFC 9112, section 3.2.4
{
    EXPECT_EQ(resolved("OPTIONS http://a", "a").path_and_query, "*");
    EXPECT_EQ(resolved("OPTIONS http://a/", "a").path_and_query, "/");
    EXPECT_EQ(resolved("OPTIONS *", "www.example.com").path_and_query, "*");
}

TEST(TargetTest, PathGoesToTheOriginAsItCameButForTheCaseOfHexDigits)
{
    const auto path = [](const std::string& text) {
        return resolved("GET http://a" + text, "a").path_and_query;
    };
    EXPECT_EQ(path("/%2f%aB/../a//b;c"), "/%2F%AB/../a//b;c");
    EXPECT_EQ(path("/%7euser"), "/%7Euser");
    EXPECT_EQ(path("/a%2"), "/a%2");
    EXPECT_EQ(path("/a%"), "/a%");
    EXPECT_EQ(path("/%zz%%2a"), "/%zz%%2A");
    EXPECT_EQ(path("/%2%2b"), "/%2%2B");
    EXPECT_EQ(path("/a%2?f"), "/a%2?f");
    EXPECT_EQ(path("/%2b?q=%2b"), "/%2B?q=%2b");
}

TEST(TargetTest, RefusesHostsThatAreNeitherNamesNorAddressesInTheirOneSpelling)
{
    for (const std::string host : {"127.1",
             "2130706433",
             "0x7f.0.0.1",
             "0177.0.0.1",
             "a..b",
             "-a",
             "1.2.3",
             "[::g]",
             "[1]"}) {
        if (host == "[::g]") {
            continue;  // refused by the parser already
        }
        expect_refused("GET http://" + host + "/", "a", target_refusal::malformed);
        expect_refused("GET /", host, target_refusal::malformed);
        expect_refused("CONNECT " + host + ":443", "a", target_refusal::malformed);
    }
}

TEST(TargetTest, RefusesOtherSchemes)
{
    expect_refused("GET ftp://a/", "a", target_refusal::unsupported_scheme);
    expect_refused("GET httpss://a/", "a", target_refusal::unsupported_scheme);
    expect_refused("GET ws://a/", "a", target_refusal::unsupported_scheme);
}

TEST(TargetTest, ConnectIsATunnelToPort443)
{
    const target found = resolved("CONNECT WWW.example.com:443", "www.example.com");
    EXPECT_EQ(found.way, way_in::tunnel);
    EXPECT_EQ(found.scheme, "");
    EXPECT_EQ(found.host, "www.example.com");
    EXPECT_EQ(found.port, 443);
    EXPECT_EQ(found.authority(), "www.example.com:443");
    expect_refused("CONNECT a:80", "a", target_refusal::tunnel_port);
    expect_refused("CONNECT a:25", "a", target_refusal::tunnel_port);
    expect_refused("CONNECT a:8443", "a", target_refusal::tunnel_port);
}

TEST(TargetTest, HostUnderTheSuffixIsCoralized)
{
    const target found = resolved("GET /a%2f", "WWW.Example.com.8080.Atoll.localhost:3128");
    EXPECT_EQ(found.way, way_in::coralized);
    EXPECT_EQ(found.scheme, "http");
    EXPECT_EQ(found.host, "www.example.com");
    EXPECT_EQ(found.port, 8080);
    EXPECT_EQ(found.path_and_query, "/a%2F");
    EXPECT_EQ(found.coral_authority, "WWW.Example.com.8080.Atoll.localhost:3128");
    EXPECT_EQ(found.authority(), "www.example.com:8080");
    EXPECT_EQ(resolved("HEAD /", "a.example.443.atoll.localhost").scheme, "https");
    EXPECT_EQ(resolved("GET /", "192.0.2.7.atoll.localhost.").host, "192.0.2.7");
}

TEST(TargetTest, CoralizedNameWorksInAbsoluteFormToo)
{
    const target found = resolved("GET http://a.example.atoll.localhost:3128/x", "ignored");
    EXPECT_EQ(found.way, way_in::coralized);
    EXPECT_EQ(found.host, "a.example");
    EXPECT_EQ(found.coral_authority, "a.example.atoll.localhost:3128");
    EXPECT_EQ(resolved("GET https://a.example.atoll.localhost/x", "ignored").way, way_in::forward);
}

TEST(TargetTest, RefusesMalformedCoralizedNames)
{
    for (const std::string name :
        {"1.2.3", "example.com.0", "example.com.99999", "1.2.3.4.5.6", "8080"}) {
        expect_refused("GET /", name + ".atoll.localhost", target_refusal::malformed);
    }
}

TEST(TargetTest, CoralizedNameIsForGetAndHead)
{
    for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS", "get", "PROPFIND"}) {
        expect_refused(
            method + " /", "a.example.atoll.localhost", target_refusal::method_not_allowed);
    }
    expect_refused("OPTIONS *", "a.example.atoll.localhost", target_refusal::method_not_allowed);
}

TEST(TargetTest, RefusesServiceWorkersOfCoralizedNames)
{
    const auto found =
        resolve("GET /", "a.example.atoll.localhost", rules(), "Service-Worker: script\r\n");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), target_refusal::service_worker);
    EXPECT_TRUE(resolve("GET http://a.example/", "a", rules(), "Service-Worker: script\r\n"));
}

TEST(TargetTest, HostOfARouteIsReverse)
{
    const target found = resolved("GET /a", "FILES.example:8080");
    EXPECT_EQ(found.way, way_in::reverse);
    EXPECT_EQ(found.scheme, "http");
    EXPECT_EQ(found.host, "files.example");
    EXPECT_EQ(found.port, 8080);
    EXPECT_EQ(found.path_and_query, "/a");
}

TEST(TargetTest, ClientsMayNameOurPortWithTheHostOfARoute)
{
    EXPECT_EQ(resolved("GET /", "www.example.com:3128").scheme, "https");
    EXPECT_EQ(resolved("GET /", "files.example").port, 8080);
}

TEST(TargetTest, PortTellsRoutesOfOneHostApart)
{
    const target_rules two{"s.localhost", {{"http", "a.example", 80}, {"http", "a.example", 81}}};
    EXPECT_EQ(resolved("GET /", "a.example", two).port, 80);
    EXPECT_EQ(resolved("GET /", "a.example:81", two).port, 81);
    expect_refused("GET /", "a.example:82", target_refusal::misdirected, two);
}

TEST(TargetTest, SingleRouteAnswersForThePeerItself)
{
    for (const std::string host :
        {"127.0.0.1:3128", "[::1]:3128", "localhost:3128", "192.0.2.1", "origin.example"}) {
        const target found = resolved("GET /", host, single_route());
        EXPECT_EQ(found.way, way_in::reverse) << host;
        EXPECT_EQ(found.host, "origin.example") << host;
        EXPECT_EQ(found.authority(), "origin.example:8000") << host;
    }
    expect_refused("GET /", "other.example", target_refusal::misdirected, single_route());
    expect_refused("GET /", "127.0.0.1", target_refusal::misdirected);
}

TEST(TargetTest, RequestWithoutHostGoesToASingleRoute)  // HTTP/1.0
{
    const auto found = resolve_target(request("GET / HTTP/1.0", ""), single_route());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->host, "origin.example");
    EXPECT_EQ(resolve_target(request("GET / HTTP/1.0", ""), rules()).error(),
        target_refusal::misdirected);
}

TEST(TargetTest, OtherHostsAreMisdirected)
{
    const target_rules none{"atoll.localhost", {}};
    for (const std::string host : {"example.com",
             "atoll.localhost:3128",
             "127.0.0.1:3128",
             "localhost",
             "notatoll.localhost"}) {
        expect_refused("GET /", host, target_refusal::misdirected, none);
    }
}

TEST(TargetTest, RefusalsHaveAStatusAndASentence)
{
    EXPECT_EQ(status_for(target_refusal::malformed), 400U);
    EXPECT_EQ(status_for(target_refusal::unsupported_scheme), 400U);
    EXPECT_EQ(status_for(target_refusal::method_not_allowed), 405U);
    EXPECT_EQ(status_for(target_refusal::tunnel_port), 403U);
    EXPECT_EQ(status_for(target_refusal::service_worker), 403U);
    EXPECT_EQ(status_for(target_refusal::misdirected), 421U);
    for (int value = 1; value <= static_cast<int>(target_refusal::unsupported_scheme); ++value) {
        EXPECT_NE(explain(static_cast<target_refusal>(value)), "The request was refused.") << value;
    }
}

}  // namespace
}  // namespace proxy
