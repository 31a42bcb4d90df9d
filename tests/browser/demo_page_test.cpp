// A real browser, headless, at the page of the demo: what counts is what a person would see.

#include "tests/support/demo_site.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace proxy {
namespace {

const std::filesystem::path chromium = "/usr/bin/chromium";

class DemoPageTest : public testing::Test
{
protected:
    DemoPageTest()
    {
        support::serve_demo_site(origin, site);
        support::reef_options options;
        options.directory = directory.path() / "reef";
        options.peers = 2;
        reef = std::make_unique<support::reef>(options);
    }

    void SetUp() override
    {
        if (!std::filesystem::exists(chromium)) {
            GTEST_SKIP() << chromium << " is not installed";
        }
    }

    // The document as it is after the page and its pictures are loaded and its script has run.
    std::string dump(const std::string& url, std::vector<std::string> more = {})
    {
        const support::temporary_directory
            profile;  // empty: nothing comes from the browser's cache
        support::command what;
        what.program = chromium;
        what.arguments = {"--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--user-data-dir=" + profile.path().string(),
            "--dump-dom"};
        what.arguments.insert(what.arguments.end(), more.begin(), more.end());
        what.arguments.push_back(url);
        const support::run_result result = support::run(what, std::chrono::seconds(60));
        EXPECT_TRUE(result.status.success()) << result.errors;
        return result.output;
    }

    std::string coralized_url(std::size_t peer) const
    {
        return "http://127.0.0.1." + std::to_string(origin.endpoint().port()) +
               ".atoll.localhost:" + std::to_string(reef->at(peer).client().port()) + "/";
    }

    void expect_each_file_was_asked_for_once() const
    {
        for (const support::demo_file& file : site) {
            EXPECT_EQ(origin.count(file.path).requests, 1U) << file.path;
        }
    }

    const std::vector<support::demo_file> site = support::make_demo_site();
    support::temporary_directory directory;
    support::test_origin origin;
    std::unique_ptr<support::reef> reef;
};

constexpr const char* all_pictures = ">11 of 11 pictures shown<";

TEST_F(DemoPageTest, CoralizedNameShowsThePageWithEveryPicture)
{
    EXPECT_NE(dump(coralized_url(0)).find(all_pictures), std::string::npos);
    EXPECT_NE(dump(coralized_url(1)).find(all_pictures), std::string::npos);
    expect_each_file_was_asked_for_once();
}

TEST_F(DemoPageTest, ForwardProxyShowsThePageWithEveryPicture)
{
    const std::string proxy =
        "--proxy-server=http://127.0.0.1:" + std::to_string(reef->at(0).client().port());
    // Without the second option Chromium never uses a proxy for loopback addresses.
    const std::string page = dump(origin.url("/"), {proxy, "--proxy-bypass-list=<-loopback>"});
    EXPECT_NE(page.find(all_pictures), std::string::npos) << page.substr(0, 500);
    expect_each_file_was_asked_for_once();
    EXPECT_NE(dump(coralized_url(0)).find(all_pictures), std::string::npos);
    expect_each_file_was_asked_for_once();
}

}  // namespace
}  // namespace proxy
