// Two configurations compared: what a reload changes, and what it cannot.

#pragma once

#include "proxy/config.hpp"
#include "proxy/core/live_rules.hpp"

#include <string_view>
#include <vector>

namespace proxy {

// Names of options (config_options.hpp) whose values differ.
struct reload_plan
{
    std::vector<std::string_view> changes;       // take effect at once
    std::vector<std::string_view> need_restart;  // stay as they are until then
};

reload_plan compare(const settings& running, const settings& wanted);

live_rules live_rules_of(const settings& values);

// running with the values of wanted where they can change.
settings merge(const settings& running, const settings& wanted);

}  // namespace proxy
