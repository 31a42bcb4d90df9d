// A Debian repository served by nginx and two apt clients, one at each of two peers: apt pipelines,
// escapes and revalidates in ways of its own.

#include "tests/support/free_port.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/reef.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace proxy {
namespace {

constexpr std::chrono::seconds patience{60};

support::run_result succeed(const support::command& what)
{
    support::run_result result = support::run(what, patience);
    EXPECT_TRUE(result.status.success()) << what.program << '\n' << result.output << result.errors;
    return result;
}

struct package
{
    std::string name;
    std::string version;
    std::size_t payload_octets;
};

// The plus signs and the tilde are what apt escapes in a URL.
const std::vector<package> packages{{"atoll-small", "1.0", 2'000},
    {"atoll-c++-data", "2:1.2+dfsg~rc1-1", 300'000},
    {"atoll-large", "3.0", 3'000'000},
    {"atoll-one", "1", 50'000},
    {"atoll-two", "2", 50'000},
    {"atoll-three", "3", 50'000}};

std::string file_name(const package& what)
{
    const std::size_t epoch = what.version.find(':');
    return what.name + "_" + what.version.substr(epoch == std::string::npos ? 0 : epoch + 1) +
           "_all.deb";
}

void build(
    const package& what, const std::filesystem::path& scratch, const std::filesystem::path& pool)
{
    const std::filesystem::path tree = scratch / what.name;
    support::write_file(tree / "DEBIAN/control",
        "Package: " + what.name + "\nVersion: " + what.version +
            "\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: test "
            "data\n");
    support::write_file(tree / "usr/share" / what.name / "data",
        support::generated_body(what.payload_octets, what.payload_octets));
    support::command make;
    make.program = "dpkg-deb";
    make.arguments = {"--build", "--root-owner-group", "-Znone", tree, pool / file_name(what)};
    succeed(make);
}

void make_repository(const std::filesystem::path& root, const std::filesystem::path& scratch)
{
    std::filesystem::create_directories(root / "pool");
    for (const package& what : packages) {
        build(what, scratch, root / "pool");
    }
    support::command index;
    index.program = "apt-ftparchive";
    index.working_directory = root;
    index.arguments = {"packages", "pool"};
    support::write_file(root / "Packages", succeed(index).output);
    index.arguments = {"release", "."};
    support::write_file(root / "Release", succeed(index).output);
}

// An apt with nothing of the machine's own in it: neither its lists nor its settings.
class apt_client
{
public:
    apt_client(
        std::filesystem::path directory, const std::string& repository, const std::string& proxy)
        : directory_(std::move(directory))
    {
        for (const char* folder : {"lists/partial", "archives/partial", "etc", "downloads"}) {
            std::filesystem::create_directories(directory_ / folder);
        }
        support::write_file(directory_ / "status", "");
        support::write_file(
            directory_ / "sources.list", "deb [trusted=yes] " + repository + " ./\n");
        const std::string folder = directory_.string();
        support::write_file(directory_ / "apt.conf",
            "Dir::Etc::parts \"" + folder + "/etc\";\nDir::Etc::main \"/dev/null\";\n" +
                "Dir::Etc::sourcelist \"" + folder +
                "/sources.list\";\nDir::Etc::sourceparts \"-\";\n" +
                "Dir::Etc::preferencesparts \"" + folder + "/etc\";\n" + "Dir::State \"" + folder +
                "\";\nDir::State::status \"" + folder + "/status\";\n" + "Dir::Cache \"" + folder +
                "\";\nDir::Log \"" + folder + "\";\nDebug::NoLocking \"1\";\n" +
                "APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\n" +
                "Acquire::http::Proxy \"" + proxy + "\";\nAcquire::Retries \"0\";\n");
    }

    void run(std::vector<std::string> arguments) const
    {
        support::command what;
        what.program = "apt-get";
        what.arguments = std::move(arguments);
        what.environment = {"APT_CONFIG=" + (directory_ / "apt.conf").string()};
        what.working_directory = directory_ / "downloads";
        succeed(what);
    }

    // By either command; apt stores an epoch's colon escaped in archives/.
    std::string downloaded(const package& what) const
    {
        for (const char* folder : {"downloads", "archives"}) {
            for (const auto& file : std::filesystem::directory_iterator(directory_ / folder)) {
                const std::string name = file.path().filename();
                if (name.starts_with(what.name + "_")) {
                    return support::read_file(file.path());
                }
            }
        }
        return {};
    }

private:
    std::filesystem::path directory_;
};

std::vector<std::string> command_with_packages(std::vector<std::string> arguments)
{
    for (const package& what : packages) {
        arguments.push_back(what.name);
    }
    return arguments;
}

// apt writes a plus sign as %2b, and a proxy may write that %2B.
std::string without_escapes(std::string request_line)
{
    for (std::size_t at = 0; (at = request_line.find("%2", at)) != std::string::npos; ++at) {
        if (request_line.compare(at, 3, "%2b") == 0 || request_line.compare(at, 3, "%2B") == 0) {
            request_line.replace(at, 3, "+");
        }
    }
    return request_line;
}

long times_asked_for(const package& what, const std::vector<std::string>& request_lines)
{
    return std::count_if(request_lines.begin(), request_lines.end(), [&](const std::string& line) {
        return without_escapes(line).find("/pool/" + what.name + "_") != std::string::npos;
    });
}

TEST(AptTest, SecondClientGetsItsPackagesFromTheFirstOnesPeer)
{
    const support::temporary_directory directory;
    const std::filesystem::path root = directory.path() / "repository";
    make_repository(root, directory.path() / "scratch");
    const std::uint16_t port = support::free_port();
    const support::nginx origin(
        directory.path() / "nginx", port, support::nginx::static_site(port, root));
    support::reef_options options;
    options.directory = directory.path() / "reef";
    options.peers = 2;
    support::reef reef(options);

    const std::string repository = "http://" + origin.authority() + "/";
    const auto client = [&](std::size_t index) {
        return apt_client(directory.path() / ("apt-" + std::to_string(index)),
            repository,
            "http://127.0.0.1:" + std::to_string(reef.at(index).client().port()));
    };
    const apt_client first = client(0);
    first.run({"update"});
    first.run(command_with_packages({"download"}));
    const apt_client second = client(1);
    second.run({"update"});
    second.run(command_with_packages({"install", "--yes", "--download-only"}));

    const std::vector<std::string> requests = origin.requests();
    for (const package& what : packages) {
        const std::string original = support::read_file(root / "pool" / file_name(what));
        EXPECT_TRUE(first.downloaded(what) == original) << what.name;
        EXPECT_TRUE(second.downloaded(what) == original) << what.name;
        EXPECT_EQ(times_asked_for(what, requests), 1) << what.name;
    }
    EXPECT_GE(reef.at(1).metric("atoll_requests_total{source=\"peer\"}"),
        static_cast<double>(packages.size()));
    first.run({"update"});  // revalidates through the peer
}

}  // namespace
}  // namespace proxy
