#include "proxy/admin/admin_routes.hpp"

#include "proxy/http1/parser.hpp"
#include "tests/unit/admin/sample_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace proxy {
namespace {

using testing::HasSubstr;

// As bytes from the wire, through the parser that the server uses.
plain_response ask(const std::string& request_line,
    const std::string& host,
    const host_port& listener = at("127.0.0.1", 9128),
    const node_report& report = sample_report())
{
    http1::request_parser parser;
    http1::request_head head;
    const auto parsed =
        parser.parse(request_line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n", head);
    EXPECT_TRUE(parsed && *parsed != 0) << request_line << " " << host;
    return answer_admin(head, listener, [&report] { return report; });
}

TEST(AdminRoutesTest, EachPageHasItsTypeAndContent)
{
    struct expectation
    {
        const char* path;
        const char* type;
        const char* content;
    };
    for (const expectation& expected : {
             expectation{"/livez", "text/plain; charset=utf-8", "alive\n"},
             expectation{"/readyz", "text/plain; charset=utf-8", "ready\n"},
             expectation{"/healthz", "text/plain; charset=utf-8", "ready\n"},
             expectation{
                 "/metrics", "text/plain; version=0.0.4; charset=utf-8", "atoll_requests_total{"},
             expectation{"/metrics?x=1", "text/plain; version=0.0.4; charset=utf-8", "# HELP"},
             expectation{"/v1/status", "application/json", "\"offload\":"},
             expectation{"/", "text/html; charset=utf-8", "<h1>atoll-1a2b3c4d</h1>"},
             expectation{
                 "/proxy.pac", "application/x-ns-proxy-autoconfig", "PROXY 127.0.0.1:3128; DIRECT"},
         }) {
        const plain_response answer = ask("GET " + std::string{expected.path}, "localhost:9128");
        EXPECT_EQ(answer.status, 200U) << expected.path;
        EXPECT_EQ(answer.content_type, expected.type);
        EXPECT_THAT(answer.extra_fields, HasSubstr("default-src 'none'"));
        EXPECT_THAT(answer.body, HasSubstr(expected.content));
    }
}

TEST(AdminRoutesTest, ALookupIsAskedForByGetFromWhereOneMayAsk)
{
    const auto asked = [](const std::string& request_line, const std::string& host) {
        http1::request_parser parser;
        http1::request_head head;
        const auto parsed =
            parser.parse(request_line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n", head);
        EXPECT_TRUE(parsed && *parsed != 0) << request_line;
        return asked_lookup(head, at("127.0.0.1", 9128));
    };
    const auto by_url = asked("GET /v1/lookup?url=http%3A%2F%2Fa%2Fb%3Fc%26d", "localhost:9128");
    ASSERT_TRUE(by_url);
    EXPECT_EQ(by_url->url, "http://a/b?c&d");
    EXPECT_EQ(by_url->key, "");
    EXPECT_EQ(asked("GET /v1/lookup?key=00ff&x", "127.0.0.1")->key, "00ff");
    EXPECT_EQ(asked("GET /v1/lookup?key=%zz", "127.0.0.1")->key, "") << "malformed";
    EXPECT_TRUE(asked("GET /v1/lookup", "127.0.0.1")) << "told what is missing";
    EXPECT_FALSE(asked("POST /v1/lookup?key=00", "127.0.0.1"));
    EXPECT_FALSE(asked("GET /v1/status?key=00", "127.0.0.1"));
    EXPECT_FALSE(asked("GET /v1/lookup?key=00", "evil.example"));
    EXPECT_EQ(ask("GET /v1/lookup?key=00", "evil.example").status, 403U);
    EXPECT_EQ(ask("POST /v1/lookup?key=00", "localhost").status, 405U);
}

TEST(AdminRoutesTest, UnknownPagesAreNotFound)
{
    for (const char* path : {"/metrics/", "/v1", "/v2/status", "/..", "/favicon.ico"}) {
        EXPECT_EQ(ask("GET " + std::string{path}, "localhost").status, 404U) << path;
    }
}

TEST(AdminRoutesTest, WhatCouldChangeAnythingIsNotAllowed)
{
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PURGE", "get"}) {
        const plain_response answer = ask(std::string{method} + " /v1/status", "localhost");
        EXPECT_EQ(answer.status, 405U) << method;
        EXPECT_THAT(answer.extra_fields, HasSubstr("Allow: GET, HEAD\r\n"));
    }
}

TEST(AdminRoutesTest, HostThatAWebPageCouldHaveIsForbidden)
{
    for (const char* host : {"localhost",
             "LocalHost:9128",
             "127.0.0.1:9128",
             "127.9.9.9",
             "[::1]:9128",
             "127.0.0.1:1"}) {  // through an SSH tunnel the port is another
        EXPECT_EQ(ask("GET /livez", host).status, 200U) << host;
    }
    for (const char* host : {"rebound.example:9128",
             "localhost.example",
             "evil.localhost",
             "127.0.0.1.example",
             "192.0.2.1:9128",
             "[2001:db8::1]",
             "0.0.0.0:9128"}) {
        EXPECT_EQ(ask("GET /v1/status", host).status, 403U) << host;
    }
}

TEST(AdminRoutesTest, ListenersOwnAddressIsAnswered)
{
    EXPECT_EQ(ask("GET /livez", "192.0.2.1:9128", at("192.0.2.1", 9128)).status, 200U);
    EXPECT_EQ(ask("GET /livez", "192.0.2.2:9128", at("192.0.2.1", 9128)).status, 403U);
    EXPECT_EQ(ask("GET /livez", "192.0.2.2:9128", at("0.0.0.0", 9128)).status, 200U);
    EXPECT_EQ(ask("GET /livez", "a.example:9128", at("0.0.0.0", 9128)).status, 403U);
}

TEST(AdminRoutesTest, AbsoluteFormIsJudgedByItsOwnAuthority)
{
    EXPECT_EQ(ask("GET http://127.0.0.1:9128/livez", "127.0.0.1:9128").status, 200U);
    EXPECT_EQ(ask("GET http://127.0.0.1:9128", "127.0.0.1:9128").status, 200U);
    EXPECT_EQ(ask("GET http://rebound.example/livez", "localhost").status, 403U);
}

TEST(AdminRoutesTest, RequestWithoutHostIsForbidden)
{
    http1::request_head head;
    head.method = "GET";
    head.verb = boost::beast::http::verb::get;
    head.target = "/livez";
    const auto look = [] { return sample_report(); };
    EXPECT_EQ(answer_admin(head, at("127.0.0.1", 9128), look).status, 403U);
}

TEST(AdminRoutesTest, ReadinessSaysWhatItWaitsFor)
{
    node_report report = sample_report();
    report.store.state = store_state::opening;
    const plain_response opening = ask("GET /readyz", "localhost", report.admin, report);
    EXPECT_EQ(opening.status, 503U);
    EXPECT_EQ(opening.body, "the store is opening\n");
    EXPECT_EQ(ask("GET /livez", "localhost", report.admin, report).status, 200U);
    report.draining = true;
    EXPECT_EQ(ask("GET /readyz", "localhost", report.admin, report).body, "draining\n");
}

TEST(AdminRoutesTest, PacNamesTheAddressThatTheClientReaches)
{
    node_report report = sample_report();
    report.client = at("0.0.0.0", 8080);
    const plain_response pac = ask("GET /proxy.pac", "192.0.2.1:9128", at("0.0.0.0", 9128), report);
    EXPECT_THAT(pac.body, HasSubstr("\"PROXY 192.0.2.1:8080; DIRECT\""));
    EXPECT_THAT(pac.body, HasSubstr("dnsDomainIs(host, \".atoll.localhost\")"));
}

std::optional<purge_question> purge_asked(
    const std::string& request_line, std::string_view more = "")
{
    http1::request_parser parser;
    http1::request_head head;
    const auto parsed = parser.parse(
        request_line + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(more) + "\r\n", head);
    EXPECT_TRUE(parsed && *parsed != 0) << request_line;
    return asked_purge(head, at("127.0.0.1", 9128));
}

TEST(AdminRoutesTest, PurgeNamesOneOfUrlHostAndTag)
{
    using cache::purge_order;
    using cache::purge_scope;
    EXPECT_EQ(purge_asked("POST /v1/purge?url=http%3A%2F%2Fa.example%2Fb%3Fc")->order,
        (purge_order{purge_scope::url, "http://a.example/b?c"}));
    EXPECT_EQ(purge_asked("POST /v1/purge?host=a.example&soft")->order,
        (purge_order{purge_scope::host, "a.example", true}));
    EXPECT_EQ(purge_asked("POST /v1/purge?soft=1&tag=news")->order,
        (purge_order{purge_scope::tag, "news", true}));
    for (const char* wrong : {"",
             "?soft",
             "?url=",
             "?url=a&host=b",
             "?tag=a&tag=b",
             "?tag=a&x=1",
             "?path=a",
             "?tag=%zz"}) {
        const auto asked = purge_asked(std::string("POST /v1/purge") + wrong);
        ASSERT_TRUE(asked) << wrong;
        EXPECT_EQ(asked->refused.status, 400U) << wrong;
    }
}

TEST(AdminRoutesTest, PurgeIsAPostThatNoWebPageSent)
{
    EXPECT_EQ(purge_asked("GET /v1/purge?tag=a")->refused.status, 405U);
    EXPECT_EQ(
        purge_asked("POST /v1/purge?tag=a", "Origin: http://localhost\r\n")->refused.status, 403U);
    EXPECT_EQ(
        purge_asked("POST /v1/purge?tag=a", "Sec-Fetch-Site: none\r\n")->refused.status, 403U);
    EXPECT_EQ(purge_asked("POST /v1/purge?tag=a")->refused.status, 200U);
    EXPECT_FALSE(purge_asked("POST /v1/status"));
    EXPECT_FALSE(purge_asked("POST http://rebound.example/v1/purge?tag=a"));
}

}  // namespace
}  // namespace proxy
