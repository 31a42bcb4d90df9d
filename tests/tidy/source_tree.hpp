// The project's own sources as text, for checks that no compiler makes.

#pragma once

#include <string>
#include <vector>

namespace tidy {

struct source_file
{
    std::string path;  // relative to the top of the project, with '/'
    std::string text;
};

// A place that breaks a rule, and what to do instead.
struct finding
{
    std::string path;
    std::size_t line = 0;
    std::string message;
};

std::string to_text(const finding& finding);

// Every .cpp and .hpp below proxy, dht, cache, tests and bench.
std::vector<source_file> read_tree(const std::string& top);

// The text with comments and the inside of string and character literals blanked out (same length,
// same lines).
std::string without_comments_and_strings(const std::string& text);

std::vector<std::string> lines_of(const std::string& text);

// "proxy/core" of "proxy/core/target.hpp".
std::string folder_of(const std::string& path);

}  // namespace tidy
