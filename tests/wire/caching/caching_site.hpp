// One peer in front of an origin whose every answer a test writes down, reached by each of the
// three ways in. What a test of the caching rules looks like:
//
//     EXPECT_TRUE(is_reused({"Cache-Control: max-age=60"}));
//     EXPECT_FALSE(is_reused({"Cache-Control: max-age=60", "Age: 60"}));
//
// A response that is old by its Age is stale at once: nothing here waits for time to pass.

#pragma once

#include "tests/support/atoll_peer.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/raw_origin.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

enum class caching_mode : std::uint8_t
{
    reverse,
    forward,
    coralized,
};

std::string_view name_of(caching_mode mode);
void PrintTo(caching_mode mode, std::ostream* out);  // for GoogleTest

using field_lines = std::vector<std::string>;  // "Name: value"

struct origin_answer
{
    unsigned status = 200;
    field_lines fields = {};
    std::string body = {};     // empty: one that no other answer has
    std::string interim = {};  // whole 1xx responses, sent before
    bool without_body = false;
    bool breaks_off = false;  // ends the connection instead of answering
    bool has_ranges = false;  // answers a single Range with a 206, if If-Range holds
};

struct page_request
{
    std::string path;
    field_lines fields = {};
    std::string method = "GET";
    std::string body = {};
};

// An HTTP date so far from now.
std::string http_date(std::chrono::seconds from_now);

class CachingTest : public testing::TestWithParam<caching_mode>
{
protected:
    CachingTest();

    caching_mode mode() const { return GetParam(); }
    bool is_forward() const { return mode() == caching_mode::forward; }
    bool is_coralized() const { return mode() == caching_mode::coralized; }

    // A page that was not asked for before.
    std::string new_page();

    // The answers of the origin to requests for that path, in order; the last one is repeated.
    void will_answer(const std::string& path, std::vector<origin_answer> answers);

    // The answer must come, with exactly one Cache-Status, which says "hit" if and only if the
    // origin was not asked.
    support::http_response ask(const page_request& request);

    std::size_t times_asked(const std::string& path) const;
    // Of the requests the origin got for it.
    std::string last_head(const std::string& path) const;
    std::vector<std::string> ranges_asked(const std::string& path) const;  // "" for none

    // Asks twice for a new page. True if the second answer was the first one again, and the origin
    // heard of the first request only.
    bool is_reused(const field_lines& response,
        const field_lines& first = {},
        const field_lines& second = {},
        unsigned status = 200);

    // The second request for a page whose first answer had these fields.
    support::http_response second_answer(const field_lines& response,
        const field_lines& second = {},
        std::vector<origin_answer> later = {});

    support::atoll_peer& peer() { return *peer_; }

    // POST /v1/purge?what at the admin port; the page for a URL is `url_of` it.
    support::http_response purge(const std::string& what);
    std::string url_of(const std::string& path) const
    {
        return "http://" + origin_.authority() + path;
    }

private:
    struct page
    {
        std::deque<origin_answer> answers;
        std::vector<std::string> heads;
    };

    std::optional<support::raw_answer> respond(std::string_view received);
    support::http_request written(const page_request& request) const;
    std::string authority_for_client() const;

    mutable std::mutex mutex_;  // guards the two below
    std::map<std::string, page> pages_;
    unsigned bodies_ = 0;
    unsigned names_ = 0;
    support::temporary_directory directory_;
    support::raw_origin origin_;
    std::unique_ptr<support::atoll_peer> peer_;
    std::unique_ptr<support::http_client> client_;
};

// Runs the tests of a suite for each way in.
#define ATOLL_FOR_EACH_WAY_IN(Suite)                                                            \
    INSTANTIATE_TEST_SUITE_P(EachWayIn,                                                         \
        Suite,                                                                                  \
        testing::Values(caching_mode::reverse, caching_mode::forward, caching_mode::coralized), \
        [](const testing::TestParamInfo<caching_mode>& mode) {                                  \
            return std::string(name_of(mode.param));                                            \
        })

}  // namespace proxy
