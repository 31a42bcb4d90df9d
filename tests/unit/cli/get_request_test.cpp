#include "proxy/cli/get_request.hpp"

#include <gtest/gtest.h>

namespace proxy {
namespace {

TEST(GetRequestTest, TargetIsTheAbsoluteUrl)
{
    EXPECT_EQ(*get_request("https://www.example.com", false),
        "GET https://www.example.com/ HTTP/1.1\r\nHost: www.example.com\r\n"
        "User-Agent: atoll/" ATOLL_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(get_request("http://a:8080?q", false)->starts_with("GET http://a:8080/?q HTTP"));
    EXPECT_TRUE(
        get_request("http://[::1]:80/%20#f", false)->starts_with("GET http://[::1]:80/%20 "));
}

TEST(GetRequestTest, WhatCouldSmuggleOrIsNoUrlIsRefused)
{
    for (const char* url : {"",
             "www.example.com",
             "ftp://a/",
             "http://",
             "http:///x",
             "http://a b/",
             "http://a/\r\nX: y",
             "http://a/\x80",
             "http://user@a/",
             "http://a:99999/"}) {
        EXPECT_FALSE(get_request(url, false)) << url;
    }
}

TEST(GetRequestTest, SourceIsToldByTheNearestCache)
{
    EXPECT_EQ(source_of("atoll-1;hit;ttl=60;detail=memory"), "this peer's memory");
    EXPECT_EQ(source_of("atoll-1;hit; detail=disk"), "this peer's disk");
    EXPECT_EQ(source_of("far;hit;detail=memory, near;fwd=uri-miss;detail=peer"), "another peer");
    EXPECT_EQ(
        source_of("near;fwd=uri-miss;collapsed;detail=origin"), "the origin, in a fetch under way");
    EXPECT_EQ(source_of("near;fwd=request;detail=origin/private"), "the origin (private)");
    EXPECT_EQ(source_of("near;hit"), "this peer's cache");
    EXPECT_EQ(source_of("near;fwd=method;detail=invalidated"), "beyond this peer");
    EXPECT_EQ(source_of("near;key=\"a,b;hit\";detail=disk"), "this peer's disk");
    EXPECT_EQ(source_of(""), "a cache that does not say whence");
    EXPECT_EQ(source_of("\"\\"), "a cache that does not say whence");
}

}  // namespace
}  // namespace proxy
