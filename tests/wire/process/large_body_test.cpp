// A body far larger than the memory of a peer streams through it. $ATOLL_LARGE_OCTETS sets its
// size.

#include "tests/support/answer_source.hpp"
#include "tests/support/atoll_peer.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/process_usage.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace proxy {
namespace {

constexpr std::size_t block_octets = 1 << 20;
constexpr std::uint64_t resident_limit = 150'000'000;

std::uint64_t large_octets()
{
    const char* const text = std::getenv("ATOLL_LARGE_OCTETS");
    return text == nullptr ? 256 * block_octets : std::strtoull(text, nullptr, 10);
}

void write_large_file(const std::filesystem::path& file, std::uint64_t octets)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    for (std::uint64_t block = 0; block * block_octets < octets; ++block) {
        stream << support::generated_body(block, block_octets);
    }
    stream.close();
    std::filesystem::resize_file(file, octets);
}

// Takes the body as it comes and compares it with what it should be, a block at a time.
class large_body_checker
{
public:
    void take(std::string_view piece)
    {
        while (!piece.empty()) {
            const std::size_t offset = octets_ % block_octets;
            if (offset == 0) {
                expected_ = support::generated_body(octets_ / block_octets, block_octets);
            }
            const std::string_view now = piece.substr(0, block_octets - offset);
            same_ = same_ && now == std::string_view(expected_).substr(offset, now.size());
            octets_ += now.size();
            piece.remove_prefix(now.size());
        }
    }

    bool same() const { return same_; }
    std::uint64_t octets() const { return octets_; }

private:
    std::string expected_;
    std::uint64_t octets_ = 0;
    bool same_ = true;
};

class LargeBodyTest : public testing::Test
{
protected:
    static support::atoll_peer_options options(const std::filesystem::path& directory)
    {
        support::atoll_peer_options result;
        result.directory = directory;
        result.store_size = "3GiB";
        return result;
    }

    support::answer_source fetch(std::uint64_t octets)
    {
        large_body_checker checker;
        support::http_client client(peer_.client(), std::chrono::minutes(5));
        client.consume_body_with([&](std::string_view piece) { checker.take(piece); });
        const support::http_client::result response =
            client.exchange(support::forward_request(origin_.authority(), "/large"));
        EXPECT_TRUE(response.has_value()) << response.error().message();
        EXPECT_EQ(checker.octets(), octets);
        EXPECT_TRUE(checker.same());
        return response ? support::source_of(response->field("Cache-Status"))
                        : support::answer_source::unknown;
    }

    support::temporary_directory directory_;
    std::filesystem::path root_ = directory_.path() / "site";
    std::uint16_t port_ = support::free_port();
    support::nginx origin_{
        directory_.path() / "nginx", port_, support::nginx::static_site(port_, root_)};
    support::atoll_peer peer_{options(directory_.path() / "peer")};
};

TEST_F(LargeBodyTest, StreamsInBoundedMemoryAndComesFromDiskTheSecondTime)
{
    const std::uint64_t octets = large_octets();
    write_large_file(root_ / "large", octets);
    EXPECT_EQ(fetch(octets), support::answer_source::origin);
    EXPECT_EQ(fetch(octets), support::answer_source::disk);
    EXPECT_EQ(origin_.requests().size(), 1U);
    const std::uint64_t peak = support::peak_resident_octets(peer_.program().id());
    if (!support::sanitized) {
        EXPECT_LT(peak, resident_limit);
    }
    std::printf("%.0f MB streamed twice, at most %.0f MB resident\n",
        static_cast<double>(octets) / 1e6,
        static_cast<double>(peak) / 1e6);
}

}  // namespace
}  // namespace proxy
