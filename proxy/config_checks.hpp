// What must hold between settings.

#pragma once

#include "proxy/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace proxy {

struct config_contradiction
{
    std::string_view option;  // the one to change, by its name in the table
    std::string message;
};

std::vector<config_contradiction> find_contradictions(const settings& values);

}  // namespace proxy
