// The table of options: what a user can set, once. A name gives the flag ("--store-size"), the key
// in the file ("store-size") and the environment variable ("ATOLL_STORE_SIZE").

#pragma once

#include "proxy/config_values.hpp"

#include <span>
#include <string>
#include <string_view>

namespace proxy {

struct config_option
{
    std::string_view name;
    std::string_view value;         // what stands for the value in the help; "" for a switch
    std::string_view default_text;  // for the help; "" if there is none
    std::string_view help;
    bool repeatable;  // each value is added to a list

    value_result<void> (*apply)(settings& target, std::string_view text);

    bool is_secret = false;  // what was given is never repeated

    bool is_switch() const { return value.empty(); }
    std::string flag() const;
    std::string variable() const;
};

std::span<const config_option> config_options();

// nullptr if there is none of that name.
const config_option* find_option(std::string_view name);

// The option whose name is closest to what was written as a key; nullptr if none is close.
const config_option* nearest_option(std::string_view written);

}  // namespace proxy
