#include "proxy/admin/metrics_text.hpp"

#include "tests/unit/admin/sample_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

namespace proxy {
namespace {

using testing::HasSubstr;

std::vector<std::string> lines(const std::string& text)
{
    std::vector<std::string> out;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        out.push_back(line);
    }
    return out;
}

TEST(MetricsTextTest, CountsRequestsAndBytesBySource)
{
    const std::string text = "\n" + metrics_text(sample_report());
    for (const char* line : {"atoll_requests_total{source=\"memory\"} 6",
             "atoll_requests_total{source=\"peer\"} 0",
             "atoll_bytes_total{direction=\"to_client\",source=\"origin\"} 2000",
             "atoll_upstream_bytes_total{purpose=\"revalidate\"} 100",
             "atoll_upstream_requests_total{purpose=\"fill\"} 1",
             "atoll_store_bytes 4096",
             "atoll_store_open 1",
             "atoll_routing_table_size 2",
             "atoll_index_dropped_total{reason=\"malformed\"} 2",
             "atoll_index_busiest_key_requests 120",
             "atoll_cluster_size{level=\"2\"} 4.5",
             "atoll_build_info{version=\"" ATOLL_VERSION "\"} 1",
             "process_start_time_seconds 1000000000"}) {
        EXPECT_THAT(text, HasSubstr("\n" + std::string{line} + "\n"));
    }
}

TEST(MetricsTextTest, EveryCounterIsShownOnce)
{
    std::set<std::string> seen;
    for (std::size_t i = 0; i < counter_count; ++i) {
        node_report report;
        report.count.values[i] = 424'242;
        const std::string text = metrics_text(report);
        std::string line;
        for (const std::string& candidate : lines(text)) {
            if (candidate.ends_with(" 424242")) {
                EXPECT_TRUE(line.empty()) << "counter " << i << " is shown twice";
                line = candidate;
            }
        }
        EXPECT_TRUE(seen.insert(line).second) << "counter " << i << ": " << line;
        EXPECT_FALSE(line.empty()) << "counter " << i << " is not shown";
    }
}

TEST(MetricsTextTest, EveryLineIsOfTheFormatAndEveryFamilyIsDescribedOnce)
{
    const std::regex sample{
        R"re([a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [-+0-9.eInf]+)re"};
    const std::regex described{"# (HELP|TYPE) ([a-z_]+) .+"};
    std::set<std::string> seen;
    for (const std::string& line : lines(metrics_text(sample_report()))) {
        std::smatch match;
        if (std::regex_match(line, match, described)) {
            EXPECT_TRUE(seen.insert(match[1].str() + match[2].str()).second) << line;
        } else {
            EXPECT_TRUE(std::regex_match(line, sample)) << line;
        }
    }
}

TEST(MetricsTextTest, HistogramIsCumulative)
{
    node_report report;
    report.count.request_duration.buckets[0] = 3;
    report.count.request_duration.buckets[2] = 2;
    report.count.request_duration.buckets.back() = 1;
    report.count.request_duration.sum_seconds = 12.5;
    const std::string text = metrics_text(report);
    const std::string name = "http_server_request_duration_seconds";
    EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"0.005\"} 3\n"));
    EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"0.01\"} 3\n"));
    EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"10\"} 5\n"));
    EXPECT_THAT(text, HasSubstr(name + "_bucket{le=\"+Inf\"} 6\n"));
    EXPECT_THAT(text, HasSubstr(name + "_sum 12.5\n"));
    EXPECT_THAT(text, HasSubstr(name + "_count 6\n"));
}

TEST(MetricsTextTest, CountsStayExactBeyondThirtyTwoBits)
{
    node_report report;
    set(report.count, counter::octets_disk, 9'007'199'254'740'992ULL);
    EXPECT_THAT(metrics_text(report), HasSubstr("source=\"disk\"} 9007199254740992\n"));
}

TEST(MetricsTextTest, WithoutPeersNothingIsSaidOfTheIndex)
{
    node_report report = sample_report();
    report.index.reset();
    EXPECT_EQ(metrics_text(report).find("atoll_routing_table_size"), std::string::npos);
}

}  // namespace
}  // namespace proxy
