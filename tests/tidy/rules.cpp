#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>
#include <string_view>

namespace tidy {
namespace {

struct folder_rule
{
    std::vector<std::string> own;  // our folders, besides itself
    std::vector<std::string>
        libraries;  // prefixes of what stands in <...>, besides the standard library
};

const std::vector<std::string> plain_boost{"boost/system/", "boost/assert.hpp"};
const std::vector<std::string> beast_enums{"boost/system/",
    "boost/assert.hpp",
    "boost/beast/http/field.hpp",
    "boost/beast/http/status.hpp",
    "boost/beast/http/verb.hpp",
    "openssl/"};
const std::vector<std::string> store_libraries{
    "boost/system/", "boost/assert.hpp", "openssl/", "fcntl.h", "sys/", "unistd.h"};
const std::vector<std::string> io_libraries{"boost/",
    "openssl/",
    "spdlog/",
    "fmt/",
    "ares.h",
    "sys/",
    "netinet/",
    "arpa/",
    "unistd.h",
    "fcntl.h",
    "poll.h",
    "signal.h"};

// The dependency table. A folder that is not named may include everything (tests, bench).
const std::map<std::string, folder_rule>& table()
{
    static const std::map<std::string, folder_rule> rules{
        {"dht/core",
            {{}, {"boost/system/", "boost/assert.hpp", "boost/asio/ip/address", "openssl/"}}},
        {"dht/net", {{"dht/core"}, io_libraries}},
        {"cache/policy", {{}, beast_enums}},
        {"cache/store", {{"cache/policy"}, store_libraries}},
        {"proxy/http1", {{"cache/policy"}, beast_enums}},
        {"proxy/core",
            {{"proxy/http1", "cache/policy"},
                {"boost/system/",
                    "boost/assert.hpp",
                    "boost/beast/http/field.hpp",
                    "boost/beast/http/status.hpp",
                    "boost/beast/http/verb.hpp",
                    "boost/url",
                    "boost/asio/ip/address",
                    "openssl/"}}},
        {"proxy/net",
            {{"proxy",
                 "proxy/core",
                 "proxy/http1",
                 "cache/policy",
                 "cache/store",
                 "dht/net",
                 "dht/core"},
                io_libraries}},
        {"proxy/admin",
            {{"proxy",
                 "proxy/core",
                 "proxy/http1",
                 "proxy/net",
                 "cache/policy",
                 "cache/store",
                 "dht/core"},
                {"boost/", "fmt/", "prometheus/", "spdlog/", "sys/", "unistd.h"}}},
    };
    return rules;
}

bool starts_with_any(std::string_view text, const std::vector<std::string>& prefixes)
{
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
        return text.substr(0, prefix.size()) == prefix;
    });
}

bool is_standard_header(std::string_view name)
{
    return name.find('/') == std::string_view::npos && name.find(".h") == std::string_view::npos;
}

bool is_c_header(std::string_view name)
{
    return name.find('/') == std::string_view::npos && name.size() > 2 &&
           name.substr(name.size() - 2) == ".h";
}

bool own_include_allowed(
    const std::string& folder, const folder_rule& rule, const std::string& included)
{
    const std::string included_folder = folder_of(included);
    if (included_folder == folder) {
        return true;
    }
    // proxy/config.hpp is the one file of the top folder that the lower ones may read.
    if (included_folder == "proxy") {
        return included == "proxy/config.hpp" &&
               std::count(rule.own.begin(), rule.own.end(), "proxy") != 0;
    }
    return std::count(rule.own.begin(), rule.own.end(), included_folder) != 0;
}

bool library_allowed(const source_file& file, const folder_rule& rule, const std::string& name)
{
    if (is_standard_header(name)) {
        return true;
    }
    if (name.rfind("rocksdb/", 0) == 0) {
        return file.path.rfind("cache/store/rocksdb_", 0) == 0 && file.path.ends_with(".cpp");
    }
    return starts_with_any(name, rule.libraries) ||
           (is_c_header(name) && starts_with_any(name, rule.libraries));
}

bool is_sans_io(const std::string& path)
{
    const std::string folder = folder_of(path);
    return folder == "dht/core" || folder == "cache/policy" || folder == "proxy/core" ||
           folder == "proxy/http1";
}

// Statements end at ';', '{' or '}' at the end of a line; good enough for formatted code.
struct statement
{
    std::string text;
    std::size_t line;
};

std::vector<statement> statements_with_co_await(const std::string& code)
{
    std::vector<statement> found;
    std::string current;
    std::size_t line = 1;
    std::size_t first_line = 1;
    int parentheses = 0;
    for (const char c : code) {
        if (current.find_first_not_of(" \n") == std::string::npos) {
            current.clear();
            first_line = line;
        }
        current += c;
        line += c == '\n' ? 1U : 0U;
        parentheses += c == '(' ? 1 : 0;
        parentheses -= c == ')' ? 1 : 0;
        const bool block = (c == '{' || c == '}') && parentheses == 0;
        if (c == ';' || block) {
            if (current.find("co_await") != std::string::npos) {
                found.push_back({current, first_line});
            }
            current.clear();
            parentheses = c == ';' ? std::max(parentheses, 0) : 0;
            parentheses = 0;
        }
    }
    return found;
}

}  // namespace

std::vector<finding> check_includes(const source_file& file)
{
    std::vector<finding> findings;
    const auto rule = table().find(folder_of(file.path));
    static const std::regex include{R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re"};
    const std::vector<std::string> lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::smatch match;
        if (!std::regex_search(lines[i], match, include)) {
            continue;
        }
        const std::string name = match[2];
        const bool own = match[1] == "\"";
        const bool test_code =
            file.path.rfind("tests/", 0) == 0 || file.path.rfind("bench/", 0) == 0;
        if (own && !test_code && (name.rfind("tests/", 0) == 0 || name.rfind("bench/", 0) == 0)) {
            findings.push_back({file.path,
                i + 1,
                "the program includes tests or bench: move the shared piece into the program"});
        }
        if (rule == table().end()) {
            continue;
        }
        if (own && !own_include_allowed(rule->first, rule->second, name)) {
            findings.push_back({file.path,
                i + 1,
                rule->first + " may not include " + name + ": pass what it needs as an argument"});
        }
        if (!own && !library_allowed(file, rule->second, name)) {
            findings.push_back({file.path,
                i + 1,
                rule->first + " may not include <" + name +
                    ">: see the table in tests/tidy/rules.cpp"});
        }
    }
    return findings;
}

std::vector<finding> check_sans_io(const source_file& file)
{
    static const std::array<std::pair<const char*, const char*>, 12> forbidden{{
        {R"(#include <thread>)", "threads belong to net"},
        {R"(#include <mutex>)", "state is guarded by whoever owns the object"},
        {R"(#include <iostream>)", "return a value, let the caller log"},
        {R"(#include <fstream>)", "files belong to store or net"},
        {R"(clock::now\(\))", "take the time as an argument"},
        {R"(\brandom_device\b)", "take a random source as an argument"},
        {R"(\bs?rand\()", "take a random source as an argument"},
        {R"(\bco_await\b)", "coroutines belong to net"},
        {R"(\bstd::cout\b)", "return a value, let the caller log"},
        {R"(\bstd::cerr\b)", "return a value, let the caller log"},
        {R"(\bgetenv\()", "settings come from proxy/config"},
        {R"(\bgetaddrinfo\()", "names are resolved by net"},
    }};
    std::vector<finding> findings;
    if (!is_sans_io(file.path)) {
        return findings;
    }
    const std::vector<std::string> lines = lines_of(without_comments_and_strings(file.text));
    for (const auto& [pattern, instead] : forbidden) {
        const std::regex word{pattern};
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (std::regex_search(lines[i], word)) {
                findings.push_back(
                    {file.path, i + 1, std::string{pattern} + " in a sans-I/O folder: " + instead});
            }
        }
    }
    return findings;
}

std::vector<finding> check_coroutines(const source_file& file)
{
    std::vector<finding> findings;
    const std::string code = without_comments_and_strings(file.text);
    static const std::regex capture{R"(\[[^\]]*[&=a-z_][^\]]*\]\s*(\(|\{|mutable|->))"};
    static const std::regex aggregate{R"([A-Za-z_>]\{|\(\{|, \{)"};
    for (const statement& candidate : statements_with_co_await(code)) {
        if (std::regex_search(candidate.text, capture)) {
            findings.push_back({file.path,
                candidate.line,
                "a capturing lambda beside co_await: name it, then await it"});
        }
        if (std::regex_search(candidate.text, aggregate)) {
            findings.push_back({file.path,
                candidate.line,
                "a braced temporary beside co_await: name it, then await it"});
        }
    }
    static const std::regex detached{R"(\bdetached\b)"};
    const std::vector<std::string> lines = lines_of(code);
    const bool allowed = file.path == "proxy/main.cpp" || file.path.rfind("tests/tidy/", 0) == 0;
    for (std::size_t i = 0; i < lines.size() && !allowed; ++i) {
        if (std::regex_search(lines[i], detached)) {
            findings.push_back(
                {file.path, i + 1, "detached: spawn into a task_set, which cancels and joins"});
        }
    }
    return findings;
}

std::vector<finding> check_words(const source_file& file)
{
    std::vector<finding> findings;
    if (file.path.rfind("tests/tidy/", 0) == 0) {
        return findings;
    }
    static const std::regex word{R"(\b(FIXME|XXX)\b|TODO(?!\([a-z_/]+\): ))"};
    const std::vector<std::string> lines = lines_of(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (std::regex_search(lines[i], word)) {
            findings.push_back({file.path, i + 1, "do it now, or say TODO(area): reason"});
        }
    }
    return findings;
}

std::vector<finding> check_unit_tests(const std::vector<source_file>& files)
{
    static const std::map<std::string, std::string> where{{"dht/core", "tests/unit/dht/"},
        {"cache/policy", "tests/unit/cache/"},
        {"cache/store", "tests/unit/cache/"},
        {"proxy/core", "tests/unit/proxy/"},
        {"proxy/http1", "tests/unit/http1/"}};
    std::set<std::string> paths;
    for (const source_file& file : files) {
        paths.insert(file.path);
    }
    std::vector<finding> findings;
    for (const source_file& file : files) {
        const auto folder = where.find(folder_of(file.path));
        if (folder == where.end() || !file.path.ends_with(".cpp")) {
            continue;
        }
        const std::string stem =
            file.path.substr(folder->first.size() + 1, file.path.size() - folder->first.size() - 5);
        if (!stem.starts_with("errc") && paths.count(folder->second + stem + "_test.cpp") == 0) {
            findings.push_back({file.path,
                1,
                "has no unit test: expected " + folder->second + stem + "_test.cpp"});
        }
    }
    return findings;
}

std::vector<finding> check_own_header(const std::vector<source_file>& files)
{
    std::set<std::string> paths;
    for (const source_file& file : files) {
        paths.insert(file.path);
    }
    std::vector<finding> findings;
    for (const source_file& file : files) {
        const std::string header = file.path.substr(0, file.path.size() - 3) + "hpp";
        if (!file.path.ends_with(".cpp") || paths.count(header) == 0) {
            continue;
        }
        const std::vector<std::string> lines = lines_of(file.text);
        const auto first = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
            return line.starts_with("#include");
        });
        if (first == lines.end() || *first != "#include \"" + header + "\"") {
            findings.push_back({file.path, 1, "its first include must be " + header});
        }
    }
    return findings;
}

}  // namespace tidy
