#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace tidy {
namespace {

enum class state
{
    code,
    line_comment,
    block_comment,
    string,
    character,
};

state after_code(const std::string& text, std::size_t i)
{
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '/' && next == '/') {
        return state::line_comment;
    }
    if (c == '/' && next == '*') {
        return state::block_comment;
    }
    if (c == '"') {
        return state::string;
    }
    // 1'000 is a digit separator, not a character.
    const bool separator = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
    return c == '\'' && !separator ? state::character : state::code;
}

bool ends_here(state current, const std::string& text, std::size_t i)
{
    switch (current) {
    case state::line_comment: return text[i] == '\n';
    case state::block_comment: return text[i] == '/' && text[i - 1] == '*';
    case state::string: return text[i] == '"';
    case state::character: return text[i] == '\'';
    case state::code: return false;
    }
    return false;
}

}  // namespace

std::string to_text(const finding& finding)
{
    return finding.path + ":" + std::to_string(finding.line) + ": " + finding.message;
}

std::vector<source_file> read_tree(const std::string& top)
{
    std::vector<source_file> files;
    for (const char* folder : {"proxy", "dht", "cache", "tests", "bench"}) {
        for (const auto& entry :
            std::filesystem::recursive_directory_iterator{top + "/" + folder}) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".cpp" && extension != ".hpp") {
                continue;
            }
            std::ifstream in{entry.path(), std::ios::binary};
            std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
            files.push_back(
                {std::filesystem::relative(entry.path(), top).generic_string(), std::move(text)});
        }
    }
    std::sort(
        files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

std::string without_comments_and_strings(const std::string& text)
{
    std::string out = text;
    state current = state::code;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (current == state::code) {
            current = after_code(text, i);
            if (current == state::line_comment || current == state::block_comment) {
                out[i] = ' ';
                ++i;
                out[i] = ' ';
            }
            continue;
        }
        if ((current == state::string || current == state::character) && text[i] == '\\') {
            out[i] = ' ';
            ++i;
            if (i < text.size() && text[i] != '\n') {
                out[i] = ' ';
            }
            continue;
        }
        if (ends_here(current, text, i)) {
            if (current == state::block_comment) {
                out[i] = ' ';
            }
            current = state::code;
        } else if (text[i] != '\n') {
            out[i] = ' ';
        }
    }
    return out;
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string folder_of(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

}  // namespace tidy
