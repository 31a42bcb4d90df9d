#include "proxy/cli/config_flags.hpp"

#include "proxy/config_options.hpp"

#include <CLI/CLI.hpp>

#include <ostream>

namespace proxy {
namespace {

void add_flag(CLI::App& subcommand, config_flags& flags, const config_option& option)
{
    const std::string name{option.name};
    std::string help{option.help};
    if (!option.default_text.empty()) {
        help += " [" + std::string{option.default_text} + "]";
    }
    const auto remember = [&flags, name](const CLI::results_t& texts) {
        for (const std::string& text : texts) {
            flags.given.push_back({name, text});
        }
        return true;
    };
    CLI::Option* added = subcommand.add_option(option.flag(), remember, help);
    added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (option.is_switch()) {
        added->expected(0);  // "true", unless written as --no-peers=false to override a file
    } else {
        added->type_name(std::string{option.value});
    }
}

void add_file(CLI::App& subcommand, config_flags& flags)
{
    subcommand.add_option("-c,--config", flags.file, "configuration file (TOML)")
        ->type_name("FILE");
}

config_sources sources_of(const config_flags& flags, const command_context& context)
{
    config_sources sources;
    sources.flags = flags.given;
    sources.file = flags.file;
    sources.variables = context.variables;
    sources.system_file = context.system_file;
    return sources;
}

}  // namespace

void add_config_flags(CLI::App& subcommand, config_flags& flags)
{
    add_file(subcommand, flags);
    for (const config_option& option : config_options()) {
        add_flag(subcommand, flags, option);
    }
}

void add_config_flags(
    CLI::App& subcommand, config_flags& flags, const std::vector<std::string_view>& names)
{
    add_file(subcommand, flags);
    for (const std::string_view name : names) {
        if (const config_option* option = find_option(name); option != nullptr) {
            add_flag(subcommand, flags, *option);
        }
    }
}

std::optional<loaded_config> load_or_explain(
    const config_flags& flags, const command_context& context)
{
    auto loaded = load_settings(sources_of(flags, context));
    if (!loaded) {
        for (const config_error& error : loaded.error()) {
            context.err << "atoll: " << to_string(error) << '\n';
        }
        return std::nullopt;
    }
    return std::move(*loaded);
}

boost::system::result<settings, config_errors> reload_settings(
    const config_flags& flags, const command_context& context)
{
    auto loaded = load_settings(sources_of(flags, context));
    if (!loaded) {
        return loaded.error();
    }
    return std::move(loaded->values);
}

}  // namespace proxy
