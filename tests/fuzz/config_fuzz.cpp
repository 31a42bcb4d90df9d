// The configuration file: whatever it contains, it is read or refused, with messages of one line.

#include "proxy/config_checks.hpp"
#include "proxy/config_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool claim)
{
    if (!claim) {
        std::abort();
    }
}

void check_message(const proxy::config_error& error)
{
    const std::string line = proxy::to_string(error);
    require(line.starts_with("fuzz.toml:"));
    require(line.find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const proxy::config_contents contents = proxy::parse_config_text(text, "fuzz.toml");
    for (const proxy::config_error& error : contents.errors) {
        check_message(error);
    }
    proxy::settings values;
    for (const proxy::config_assignment& given : contents.assignments) {
        const auto applied = given.option->apply(values, given.text);
        require(applied.has_value() || !applied.error().expected.empty());
    }
    proxy::find_contradictions(values);
    return 0;
}
