#include "proxy/core/forwarding.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace proxy {
namespace {

using cache::field;
using cache::field_section;

field_section section(const std::vector<std::pair<std::string, std::string>>& lines)
{
    field_section fields;
    for (const auto& [name, value] : lines) {
        fields.add(name, value);
    }
    return fields;
}

std::string names(const field_section& fields)
{
    std::string joined;
    for (const field_section::line line : fields) {
        joined.append(joined.empty() ? "" : " ").append(line.name);
    }
    return joined;
}

TEST(ForwardingTest, RemovesFieldsThatOverrideWhatTheKeyIsMadeOf)
{
    field_section fields = section({{"X-HTTP-Method-Override", "DELETE"},
        {"x-original-url", "/admin"},
        {"X-Rewrite-URL", "/admin"},
        {"X-Forwarded-Host", "evil.example"},
        {"Accept", "*/*"},
        {"X-Original", "kept"}});
    remove_overrides(fields);
    EXPECT_EQ(names(fields), "Accept X-Original");
}

// RFC 9110, section 7.6.1.
TEST(ForwardingTest, RemovesWhatIsBetweenNeighboursOnly)
{
    for (const std::string name : {"Connection",
             "keep-alive",
             "Proxy-Connection",
             "Proxy-Authenticate",
             "Proxy-Authorization",
             "Proxy-Authentication-Info",
             "TE",
             "Trailer",
             "Transfer-Encoding",
             "Upgrade",
             "HTTP2-Settings",
             "Content-Length"}) {
        field_section fields = section({{"Host", "a"}, {name, "x"}, {"Accept", "b"}});
        remove_hop_by_hop(fields);
        EXPECT_EQ(names(fields), "Host Accept") << name;
    }
}

TEST(ForwardingTest, RemovesWhatConnectionNames)
{
    field_section fields = section({{"Connection", "close, X-One ,,x-TWO"},
        {"x-one", "1"},
        {"Connection", "X-Three"},
        {"X-Two", "2"},
        {"X-Three", "3"},
        {"X-Two", "2"},
        {"X-Four", "4"},
        {"Close", "5"}});
    remove_hop_by_hop(fields);
    EXPECT_EQ(names(fields), "X-Four Close");
}

TEST(ForwardingTest, ConnectionCanNotNameFieldsThatEveryoneNeeds)
{
    for (const std::string name : {"Host",
             "Cache-Control",
             "Authorization",
             "Cookie",
             "Set-Cookie",
             "Via",
             "CDN-Loop",
             "Age",
             "Date",
             "ETag",
             "Vary",
             "Content-Type",
             "Content-Encoding",
             "Range",
             "If-None-Match",
             "X-Forwarded-For"}) {
        field_section fields = section({{"Connection", name}, {name, "x"}});
        remove_hop_by_hop(fields);
        EXPECT_EQ(names(fields), name);
    }
}

TEST(ForwardingTest, RemovesNamesThatOriginsReadAsFramingOrRouting)
{
    for (const std::string name : {"Content_Length",
             "transfer_encoding",
             "Transfer_Encoding",
             "X_Forwarded_For",
             "X-Forwarded_Host",
             "x_real_ip",
             "Cdn_Loop",
             "X_HTTP_Method_Override"}) {
        field_section fields = section({{name, "1"}, {"X_Other", "2"}});
        remove_hop_by_hop(fields);
        EXPECT_EQ(names(fields), "X_Other") << name;
    }
}

TEST(ForwardingTest, LeavesEverythingElseInItsOrder)
{
    field_section fields = section({{"Host", "a"}, {"X", "1"}, {"accept", "*/*"}, {"X", "2"}});
    const field_section before = fields;
    remove_hop_by_hop(fields);
    EXPECT_EQ(fields, before);
}

TEST(ForwardingTest, KnowsThatARequestHasPassed)
{
    const std::vector<field_section> passed{section({{"Via", "1.1 atoll-7f"}}),
        section({{"Via", "1.0 fred, 1.1 atoll-7f (Atoll)"}}),
        section({{"Via", "1.0 fred"}, {"via", "HTTP/1.1\tatoll-7f"}}),
        section({{"CDN-Loop", "a, atoll-7f; x=1"}}),
        section({{"cdn-loop", "atoll-7f"}}),
        section({{"Via", "1.1 a (unclosed, 1.1 atoll-7f"}}),
        section({{"CDN-Loop", "a; b=\"unclosed, atoll-7f"}})};
    for (const field_section& request : passed) {
        EXPECT_TRUE(has_passed(request, "atoll-7f"));
    }
}

TEST(ForwardingTest, DoesNotTakeAnotherPseudonymForOurs)
{
    for (const std::string via :
        {"", "1.1 atoll-7e", "1.1 atoll-7ff", "1.1 xatoll-7f", "1.1 fred"}) {
        EXPECT_FALSE(has_passed(section({{"Via", via}, {"CDN-Loop", via}}), "atoll-7f")) << via;
    }
    EXPECT_FALSE(has_passed(section({{"X-Via", "1.1 atoll-7f"}}), "atoll-7f"));
    EXPECT_TRUE(has_passed(section({{"Via", "1.1 atoll-7ff, 1.1 atoll-7f"}}), "atoll-7f"));
}

TEST(ForwardingTest, CountsTheMembersOfVia)
{
    EXPECT_EQ(hops(section({})), 0U);
    EXPECT_EQ(hops(section({{"Via", ""}})), 0U);
    EXPECT_EQ(hops(section({{"Via", "1.1 a, ,1.0 b"}, {"Via", "1.1 c (d)"}})), 3U);
}

TEST(ForwardingTest, AddsItselfToVia)  // RFC 9110, section 7.6.3
{
    field_section fields = section({{"Via", "1.0 fred"}});
    add_via(fields, "atoll-7f");
    EXPECT_EQ(fields.combined(field::via), "1.0 fred, 1.1 atoll-7f");
    add_via(fields, "atoll-7f", 0);
    EXPECT_EQ(fields.combined(field::via), "1.0 fred, 1.1 atoll-7f, 1.0 atoll-7f");
    EXPECT_TRUE(has_passed(fields, "atoll-7f"));
}

TEST(ForwardingTest, AddsItselfToCdnLoop)  // RFC 8586, section 2
{
    field_section fields = section({{"CDN-Loop", "other"}});
    add_cdn_loop(fields, "atoll-7f");
    EXPECT_EQ(fields.combined("CDN-Loop"), "other, atoll-7f");
    EXPECT_TRUE(has_passed(fields, "atoll-7f"));
}

TEST(MayPassOnTest, CountsDownAndEndsAtZero)  // RFC 9110, section 7.6.2
{
    using boost::beast::http::verb;
    struct one_case
    {
        verb method;
        const char* value;
        bool expected;
        const char* left;
    };
    for (const one_case& one : {
             one_case{verb::options, "0", false, "0"},
             {verb::trace, "0", false, "0"},
             {verb::options, "1", true, "0"},
             {verb::trace, "010", true, "9"},
             {verb::get, "0", true, "0"},
             {verb::options, "-1", true, ""},
             {verb::options, "1, 2", true, ""},
         }) {
        field_section fields = section({{"Max-Forwards", one.value}});
        EXPECT_EQ(may_pass_on(one.method, fields), one.expected) << one.value;
        EXPECT_EQ(fields.first(field::max_forwards).value_or(""), one.left) << one.value;
    }
    field_section twice = section({{"Max-Forwards", "1"}, {"Max-Forwards", "0"}});
    EXPECT_TRUE(may_pass_on(verb::options, twice));
    EXPECT_EQ(twice.count(field::max_forwards), 0U);
    field_section none;
    EXPECT_TRUE(may_pass_on(verb::options, none));
}

TEST(CoralizeResponseTest, DropsWhatWouldSpeakForOtherNames)
{
    field_section fields = section({{"Set-Cookie", "a=b"},
        {"Content-Type", "x"},
        {"set-cookie", "c=d"},
        {"Alt-Svc", "h3=\":443\""},
        {"Strict-Transport-Security", "max-age=1"},
        {"service-worker-allowed", "/"},
        {"ETag", "\"e\""}});
    coralize_response(fields, "atoll.localhost", "a.example.atoll.localhost:3128");
    EXPECT_EQ(names(fields), "Content-Type ETag");
}

std::string rewritten(
    const std::string& location, const std::string& page = "a.example.atoll.localhost:3128")
{
    field_section fields = section({{"Location", location}});
    coralize_response(fields, "atoll.localhost", page);
    return std::string{fields.first(field::location).value_or("")};
}

TEST(CoralizeResponseTest, LocationStaysInside)
{
    EXPECT_EQ(rewritten("http://b.example/x?y#z"), "http://b.example.atoll.localhost:3128/x?y#z");
    EXPECT_EQ(rewritten("http://B.example:8080/"), "http://b.example.8080.atoll.localhost:3128/");
    EXPECT_EQ(rewritten("https://b.example/"), "http://b.example.443.atoll.localhost:3128/");
    EXPECT_EQ(rewritten("HTTPS://b.example:443"), "http://b.example.443.atoll.localhost:3128");
    EXPECT_EQ(rewritten("http://192.0.2.1:81/"), "http://192.0.2.1.81.atoll.localhost:3128/");
    EXPECT_EQ(rewritten("http://b.example:80?q"), "http://b.example.atoll.localhost:3128?q");
    EXPECT_EQ(rewritten("http://b.example/", "a.example.atoll.localhost"),
        "http://b.example.atoll.localhost/");
}

TEST(CoralizeResponseTest, LocationWithoutASchemeHasThatOfThePage)  // RFC 3986, section 4.2
{
    EXPECT_EQ(rewritten("//b.example/x"), "http://b.example.atoll.localhost:3128/x");
    EXPECT_EQ(rewritten("//b.example/x", "a.example.443.atoll.localhost:3128"),
        "http://b.example.443.atoll.localhost:3128/x");
}

TEST(CoralizeResponseTest, LeavesLocationsThatAreInsideOrHaveNoCoralizedName)
{
    for (const std::string location : {"/x",
             "x?y=http://b.example/",
             "",
             "?a",
             "http://b.example.atoll.localhost:3128/",
             "https://b.example:8443/",
             "http://b.example:443/",
             "http://[2001:db8::1]/",
             "http://user@b.example/",
             "http://127.1/",
             "ftp://b.example/",
             "mailto:a@b.example",
             "http:///x",
             "http:x"}) {
        EXPECT_EQ(rewritten(location), location);
    }
    const std::string too_long = "http://" + std::string(60, 'a') + "." + std::string(60, 'b') +
                                 "." + std::string(60, 'c') + "." + std::string(60, 'd') + "/";
    EXPECT_EQ(rewritten(too_long), too_long);
}

}  // namespace
}  // namespace proxy
