#include "proxy/config_load.hpp"

#include "proxy/config_checks.hpp"
#include "proxy/config_file.hpp"
#include "proxy/config_options.hpp"
#include "proxy/config_swarm.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace proxy {
namespace {

constexpr std::string_view variable_prefix = "ATOLL_";
constexpr std::string_view file_variable = "ATOLL_CONFIG";

std::string variable(const environment& variables, std::string_view name)
{
    const auto found = variables.find(std::string{name});
    return found == variables.end() ? "" : found->second;
}

// A folder by the XDG Base Directory Specification: a relative path in the variable is ignored.
std::optional<std::filesystem::path> xdg_folder(
    const environment& variables, std::string_view name, std::string_view below_home)
{
    const std::filesystem::path given = variable(variables, name);
    if (given.is_absolute()) {
        return given / "atoll";
    }
    const std::filesystem::path home = variable(variables, "HOME");
    if (home.is_absolute()) {
        return home / below_home / "atoll";
    }
    return std::nullopt;
}

std::filesystem::path file_to_read(const config_sources& sources)
{
    if (!sources.file.empty()) {
        return sources.file;
    }
    const std::string named = variable(sources.variables, file_variable);
    if (!named.empty()) {
        return named;
    }
    std::error_code ignored;  // what cannot be looked at is not there
    const auto own = xdg_folder(sources.variables, "XDG_CONFIG_HOME", ".config");
    if (own && std::filesystem::exists(*own / "atoll.toml", ignored)) {
        return *own / "atoll.toml";
    }
    if (!sources.system_file.empty() && std::filesystem::exists(sources.system_file, ignored)) {
        return sources.system_file;
    }
    return {};
}

std::string unknown_variable(std::string_view name)
{
    std::string as_key{name.substr(variable_prefix.size())};
    std::transform(as_key.begin(), as_key.end(), as_key.begin(), [](char c) {
        return c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const config_option* nearest = nearest_option(as_key);
    const std::string refusal = "unknown variable";
    return nearest == nullptr ? refusal : refusal + ", did you mean " + nearest->variable() + "?";
}

// A variable holds the values of a list separated by commas or blanks.
void split_list(const config_assignment& whole, std::vector<config_assignment>& out)
{
    std::string_view rest = whole.text;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
        if (end != 0) {
            config_assignment element = whole;
            element.text = rest.substr(0, end);
            out.push_back(std::move(element));
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
}

config_contents read_environment(const environment& variables)
{
    config_contents contents;
    for (const auto& [name, text] : variables) {
        if (!name.starts_with(variable_prefix) || name == file_variable || text.empty()) {
            continue;
        }
        const auto options = config_options();
        const std::string& variable = name;  // a structured binding cannot be captured
        const auto option = std::find_if(options.begin(),
            options.end(),
            [&variable](const auto& candidate) { return candidate.variable() == variable; });
        if (option == options.end()) {
            contents.errors.push_back({"environment", 0, shortened(name), unknown_variable(name)});
            continue;
        }
        const config_assignment whole{&*option, text, "environment", 0, name};
        if (option->repeatable) {
            split_list(whole, contents.assignments);
        } else {
            contents.assignments.push_back(whole);
        }
    }
    return contents;
}

config_contents read_flags(const std::vector<given_flag>& flags)
{
    config_contents contents;
    for (const given_flag& flag : flags) {
        const config_option* option = find_option(flag.name);
        const std::string key = "--" + flag.name;
        if (option == nullptr) {
            contents.errors.push_back({"command line", 0, shortened(key), "unknown flag"});
            continue;
        }
        contents.assignments.push_back({option, flag.text, "command line", 0, key});
    }
    return contents;
}

// Collects assignments from the lowest precedence to the highest, then judges them.
class merger
{
public:
    void add(config_contents contents)
    {
        std::move(contents.errors.begin(), contents.errors.end(), std::back_inserter(errors_));
        sources_.push_back(std::move(contents.assignments));
    }

    void add(config_error error) { errors_.push_back(std::move(error)); }

    settings merge()
    {
        settings merged;
        settings overridden;  // a value that another source hides is still judged
        for (const config_option& option : config_options()) {
            const std::size_t decisive = decisive_source(option);
            for (std::size_t i = 0; i < sources_.size(); ++i) {
                apply(option, sources_[i], i == decisive ? merged : overridden);
            }
        }
        return merged;
    }

    bool is_given(std::string_view name) const { return assignment_of(name) != nullptr; }

    // An error of the option as a whole, placed where it was decided.
    void refuse(std::string_view name, std::string message)
    {
        if (const config_assignment* given = assignment_of(name); given != nullptr) {
            errors_.push_back({given->file, given->line, given->key, std::move(message)});
        } else {
            errors_.push_back({"default", 0, std::string{name}, std::move(message)});
        }
    }

    config_errors take_errors()
    {
        // In the order of the file; what has no line follows.
        std::stable_sort(errors_.begin(), errors_.end(), [](const auto& left, const auto& right) {
            return left.line - 1 < right.line - 1;
        });
        return std::move(errors_);
    }
    bool failed() const { return !errors_.empty(); }

private:
    using assignments = std::vector<config_assignment>;

    static bool mentions(const assignments& source, std::string_view name)
    {
        return std::any_of(source.begin(), source.end(), [name](const auto& candidate) {
            return candidate.option->name == name;
        });
    }

    std::size_t decisive_source(const config_option& option) const
    {
        std::size_t i = sources_.size();
        while (i > 0 && !mentions(sources_[i - 1], option.name)) {
            --i;
        }
        return i == 0 ? sources_.size() : i - 1;
    }

    void apply(const config_option& option, const assignments& source, settings& target)
    {
        for (const config_assignment& given : source) {
            if (given.option != &option) {
                continue;
            }
            if (const value_result<void> applied = option.apply(target, given.text); !applied) {
                const std::string found =
                    option.is_secret ? "" : ", found '" + shortened(given.text) + "'";
                errors_.push_back({given.file,
                    given.line,
                    given.key,
                    "expected " + applied.error().expected + found});
            }
        }
    }

    // The last assignment of the decisive source.
    const config_assignment* assignment_of(std::string_view name) const
    {
        for (auto source = sources_.rbegin(); source != sources_.rend(); ++source) {
            for (auto given = source->rbegin(); given != source->rend(); ++given) {
                if (given->option->name == name) {
                    return &*given;
                }
            }
        }
        return nullptr;
    }

    std::vector<assignments> sources_;
    config_errors errors_;
};

// "/srv/reef" -> "/srv/reef.state". Not inside: the store refuses a folder with strange contents.
std::filesystem::path beside(const std::filesystem::path& store)
{
    std::string text = store.lexically_normal().string();
    while (text.ends_with('/')) {
        text.pop_back();
    }
    return text + ".state";
}

void default_folders(const environment& variables, settings& values, merger& merged)
{
    const bool store_given = merged.is_given("store");
    if (!store_given) {
        values.store = xdg_folder(variables, "XDG_CACHE_HOME", ".cache").value_or("");
    }
    if (!merged.is_given("state")) {
        const auto usual = xdg_folder(variables, "XDG_STATE_HOME", ".local/state");
        values.state = store_given || !usual ? beside(values.store) : *usual;
    }
    if (values.store.empty()) {
        merged.refuse("store", "expected a folder, since neither HOME nor XDG_CACHE_HOME is set");
    }
}

// The keys of the file, in the place of those that are given one by one.
void read_key_file(settings& values, merger& merged)
{
    if (values.swarm_key_file.empty()) {
        return;
    }
    if (!values.swarm_keys.empty()) {
        merged.refuse("swarm-key-file", "expected either a file or swarm-key, found both");
        return;
    }
    auto keys = read_swarm_keys(values.swarm_key_file);
    if (keys) {
        values.swarm_keys = std::move(*keys);
    } else {
        merged.add(keys.error());
    }
}

}  // namespace

boost::system::result<loaded_config, config_errors> load_settings(const config_sources& sources)
{
    merger merged;
    const std::filesystem::path file = file_to_read(sources);
    if (!file.empty()) {
        const auto text = read_config_file(file);
        if (text) {
            merged.add(parse_config_text(*text, file.string()));
        } else {
            merged.add(text.error());
        }
    }
    merged.add(read_environment(sources.variables));
    merged.add(read_flags(sources.flags));

    settings values = merged.merge();
    if (!merged.failed()) {
        default_folders(sources.variables, values, merged);
        read_key_file(values, merged);
    }
    // Contradictions between values of which one is already refused would only confuse.
    if (!merged.failed()) {
        for (config_contradiction& found : find_contradictions(values)) {
            merged.refuse(found.option, std::move(found.message));
        }
    }
    if (merged.failed()) {
        return merged.take_errors();
    }
    return loaded_config{std::move(values), file};
}

}  // namespace proxy
