#include "proxy/config_file.hpp"

#include <toml++/toml.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>

namespace proxy {
namespace {

constexpr std::size_t largest_file_octets = 1 << 20;

// The text that a flag would have; nothing for what no option takes.
std::optional<std::string> scalar_text(const toml::node& node)
{
    if (const auto text = node.value_exact<std::string>()) {
        return *text;
    }
    if (const auto number = node.value_exact<std::int64_t>()) {
        return std::to_string(*number);
    }
    if (const auto flag = node.value_exact<bool>()) {
        return *flag ? "true" : "false";
    }
    return std::nullopt;
}

std::string unknown_key(std::string_view key)
{
    const config_option* nearest = nearest_option(key);
    const std::string refusal = "unknown key";
    return nearest == nullptr ? refusal
                              : refusal + ", did you mean " + std::string{nearest->name} + "?";
}

std::string_view kind_of(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    default: return "a value";
    }
}

class file_reader
{
public:
    explicit file_reader(const std::string& file) : file_{file} {}

    void read(std::string_view key, const toml::node& node)
    {
        const config_option* option = find_option(key);
        if (option == nullptr) {
            refuse(key, node, unknown_key(key));
        } else if (const toml::array* list = node.as_array(); list != nullptr) {
            read_list(*option, *list);
        } else {
            read_scalar(*option, node);
        }
    }

    config_contents take() { return std::move(contents_); }

private:
    void read_list(const config_option& option, const toml::array& list)
    {
        if (!option.repeatable) {
            refuse(option.name, list, "expected one value, found an array");
            return;
        }
        for (const toml::node& element : list) {
            read_scalar(option, element);
        }
    }

    void read_scalar(const config_option& option, const toml::node& node)
    {
        std::optional<std::string> text = scalar_text(node);
        if (!text) {
            const std::string wanted = option.is_switch() ? "true or false" : "a string";
            refuse(
                option.name, node, "expected " + wanted + ", found " + std::string{kind_of(node)});
            return;
        }
        contents_.assignments.push_back(
            {&option, std::move(*text), file_, node.source().begin.line, std::string{option.name}});
    }

    void refuse(std::string_view key, const toml::node& node, std::string message)
    {
        contents_.errors.push_back(
            {file_, node.source().begin.line, shortened(key), std::move(message)});
    }

    const std::string& file_;
    config_contents contents_;
};

}  // namespace

boost::system::result<std::string, config_error> read_config_file(const std::filesystem::path& path)
{
    const auto refusal = [&path](const std::string& why) {
        return config_error{path.string(), 0, "", "cannot be read: " + why};
    };
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error && status.type() != std::filesystem::file_type::not_found) {
        return refusal(error.message());
    }
    if (status.type() == std::filesystem::file_type::not_found) {
        return refusal("there is no such file");
    }
    if (status.type() != std::filesystem::file_type::regular) {
        return refusal("it is not a regular file");
    }
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        return refusal(std::generic_category().message(errno));
    }
    std::string text(largest_file_octets + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) {
        return refusal("reading failed");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file_octets) {
        return refusal("it is larger than 1 MiB");
    }
    return {boost::system::in_place_value, std::move(text)};
}

config_contents parse_config_text(std::string_view text, const std::string& file)
{
    file_reader reader{file};
    try {
        const toml::table table = toml::parse(text, file);
        for (const auto& [key, node] : table) {
            reader.read(key.str(), node);
        }
    } catch (const toml::parse_error& error) {
        config_contents refused;
        refused.errors.push_back({file,
            error.source().begin.line,
            "",
            "not valid TOML: " + std::string{error.description()}});
        return refused;
    }
    return reader.take();
}

}  // namespace proxy
