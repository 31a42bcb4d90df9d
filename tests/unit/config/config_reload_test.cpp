#include "proxy/config_reload.hpp"
#include "proxy/config_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

namespace proxy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A value of each option that is not its default.
const std::map<std::string_view, std::string>& other_values()
{
    static const std::map<std::string_view, std::string> values = {
        {"client", "192.0.2.1:5000"},
        {"peer", "192.0.2.1:5000"},
        {"peer6", "[2001:db8::1]:5000"},
        {"admin", "192.0.2.1:5000"},
        {"store", "/some/thing"},
        {"store-size", "5GiB"},
        {"memory", "123MiB"},
        {"state", "/some/thing"},
        {"join", "192.0.2.1:5000"},
        {"advertise", "192.0.2.1:5000"},
        {"advertise6", "[2001:db8::1]:5000"},
        {"origin", "http://a.example:8080"},
        {"allow-client", "192.0.2.0/24"},
        {"allow-target", "192.0.2.0/24"},
        {"allow-purge", "192.0.2.0/24"},
        {"suffix", "other.example"},
        {"no-peers", "true"},
        {"network", "other"},
        {"swarm-key",
            "atoll-swarm-1:AQEBAQEBAQEBAQEBAQEBAQAHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw"},
        {"swarm-key-file", "/some/thing"},
        {"levels", "30,10"},
        {"plain-krpc", "true"},
        {"threads", "3"},
        {"log-format", "json"},
    };
    return values;
}

TEST(ConfigReloadTest, NothingDiffersFromItself)
{
    const reload_plan plan = compare(settings(), settings());
    EXPECT_THAT(plan.changes, IsEmpty());
    EXPECT_THAT(plan.need_restart, IsEmpty());
}

TEST(ConfigReloadTest, EveryOptionIsCompared)
{
    for (const config_option& option : config_options()) {
        const settings before;
        settings after;
        ASSERT_TRUE(option.apply(after, other_values().at(option.name))) << option.name;
        const reload_plan plan = compare(before, after);
        const bool is_live = option.name == "origin" || option.name.starts_with("allow-");
        if (is_live) {
            EXPECT_THAT(plan.changes, ElementsAre(option.name));
            EXPECT_THAT(plan.need_restart, IsEmpty());
        } else {
            EXPECT_THAT(plan.changes, IsEmpty());
            EXPECT_THAT(plan.need_restart, ElementsAre(option.name));
        }
        // What can change is all that is taken over.
        const settings merged = merge(before, after);
        EXPECT_THAT(compare(before, merged).need_restart, IsEmpty()) << option.name;
        EXPECT_THAT(compare(merged, after).changes, IsEmpty()) << option.name;
    }
}

}  // namespace
}  // namespace proxy
