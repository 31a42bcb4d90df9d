#include "proxy/admin/lookup_json.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace proxy {
namespace {

using namespace std::chrono_literals;

TEST(LookupJsonTest, AUrlIsKeyedAsTheProxyKeysIt)
{
    const target_rules rules{"atoll.localhost", {}};
    const auto of = [&](std::string_view url) {
        const auto key = key_of_url(url, rules);
        return key ? key->text() : "";
    };
    EXPECT_EQ(of("http://Example.com"), (cache::cache_key{"http", "example.com", 80, "/"}.text()));
    EXPECT_EQ(of("http://example.com:80/a?b"),
        (cache::cache_key{"http", "example.com", 80, "/a?b"}.text()));
    EXPECT_EQ(of("https://example.com/%7e"),
        (cache::cache_key{"https", "example.com", 443, "/%7E"}.text()));
    EXPECT_EQ(of("http://example.com.8080.atoll.localhost/x"),
        (cache::cache_key{"http", "example.com", 8080, "/x"}.text()))
        << "a coralized name stands for its site";
}

TEST(LookupJsonTest, WhatTheProxyWouldRefuseHasNoKey)
{
    const target_rules rules{"atoll.localhost", {}};
    for (const char* url : {"",
             "/path",
             "ftp://example.com/",
             "http://",
             "http://exa mple.com/",
             "http://example.com/ HTTP/1.1\r\nHost: x\r\n\r\nGET http://example.com/"}) {
        EXPECT_FALSE(key_of_url(url, rules)) << url;
    }
}

TEST(LookupJsonTest, ShowsStepsAndPointers)
{
    const dht::endpoint where{boost::asio::ip::make_address("192.0.2.1"), 4128};
    dht::get_result result;
    result.hops = 1;
    result.queries = 2;
    dht::trace_step step;
    step.id = dht::id_of(where);
    step.at = where;
    step.shared_bits = 5;
    step.level = 1;
    step.begun = 3ms;
    step.round_trip = 1500us;
    step.outcome = dht::step_outcome::values;
    step.pointers = 1;
    step.is_loaded = true;
    result.trace = {step, step};
    result.trace[1].round_trip.reset();
    result.trace[1].outcome = dht::step_outcome::silent;
    dht::pointer found;
    found.peer = where;
    found.state = dht::pointer_state::in_flight;
    found.life = 20s;
    found.version_tag = 255;
    result.pointers = {found};
    const auto shown = boost::json::parse(lookup_json("http://a/", dht::sha1("key"), result));
    const auto expected = boost::json::parse(R"({"key": ")" + dht::to_string(dht::sha1("key")) +
                                             R"(", "url": "http://a/",
"timed_out": false, "hops": 1, "queries": 2, "steps": [
{"node": ")" + dht::to_string(step.id) + R"(", "address": "192.0.2.1:4128", "shared_bits": 5,
 "level": 1, "begun_ms": 3.0, "round_trip_ms": 1.5, "outcome": "values", "pointers": 1, "nodes": 0,
 "full": false, "loaded": true},
{"node": ")" + dht::to_string(step.id) + R"(", "address": "192.0.2.1:4128", "shared_bits": 5,
 "level": 1, "begun_ms": 3.0, "round_trip_ms": null, "outcome": "silent", "pointers": 1, "nodes": 0,
 "full": false, "loaded": true}],
"pointers": [{"address": "192.0.2.1:4128", "state": "in_flight", "life_seconds": 20, "load": 0,
 "version": "00000000000000ff"}]})");
    EXPECT_TRUE(shown == expected) << shown;
    EXPECT_TRUE(boost::json::parse(lookup_json("", dht::sha1("key"), {})).at("url").is_null());
}

TEST(LookupJsonTest, ARefusalSaysWhy)
{
    const plain_response refused = json_error(503, "no \"index\"");
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.body, "{\"error\":\"no \\\"index\\\"\"}\n");
}

}  // namespace
}  // namespace proxy
