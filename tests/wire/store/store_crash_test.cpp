// kill -9 at any time: what is found afterwards is whole and right.

#include "cache/store/errc.hpp"
#include "cache/store/rocksdb_store.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace cache {
namespace {

// Enough for a change to be tested; a campaign sets ATOLL_KILLS.
int kills()
{
    const char* const wanted = std::getenv("ATOLL_KILLS");
    return wanted != nullptr ? std::atoi(wanted) : 20;
}

constexpr std::uint64_t keys = 400;
constexpr std::uint64_t quota_octets = 48 << 20;

cache_key key_of(std::uint64_t number)
{
    return cache_key{"http", "example.com", 80, "/" + std::to_string(number)};
}

// The body says by itself which key and version it is of; small ones, some chunks, many chunks.
std::string body_of(std::uint64_t number, std::uint64_t version)
{
    const std::array<std::size_t, 4> sizes{900, 16'000, 300'000, 1'500'000};
    const std::size_t octets = sizes[number % sizes.size()] + version % 1000;
    return support::generated_body(number * 1'000'003 + version, octets);
}

stored_response response_of(std::uint64_t version, std::uint64_t octets)
{
    stored_response response;
    response.fields.add("ETag", "\"" + std::to_string(version) + "\"");
    response.body_octets = octets;
    return response;
}

// What the child does until it is killed: writes, replaces, freshens, erases, aborts and reads.
void write_for_ever(store& written, std::uint64_t seed)
{
    std::mt19937_64 random{seed};
    for (;;) {
        const std::uint64_t number = random() % keys;
        const std::uint64_t version = random() % 1'000'000;
        const std::uint64_t choice = random() % 16;
        if (choice == 0) {
            written.erase(key_of(number)).has_value();
            continue;
        }
        if (choice == 1) {
            written.lookup(key_of(number)).has_value();  // gets it a second chance
            continue;
        }
        const auto id = written.begin();
        if (!id) {
            continue;
        }
        const std::string body = body_of(number, version);
        bool sound = true;
        std::uint64_t index = 0;
        for (std::string_view rest = body; sound && !rest.empty(); ++index) {
            const std::string_view chunk = rest.substr(0, body_chunk_octets);
            rest.remove_prefix(chunk.size());
            sound = written.append(*id, index, {chunk.data(), chunk.size()}).has_value();
        }
        if (!sound || choice == 2 ||
            !written.commit(key_of(number), *id, response_of(version, body.size()))) {
            written.abort(*id);
        }
    }
}

std::uint64_t version_of(const stored_response& response)
{
    const std::string tag{response.fields.first(field::etag).value_or("\"\"")};
    return std::strtoull(tag.substr(1).c_str(), nullptr, 10);
}

// What a process tells the test before it ends or is killed.
struct report
{
    std::uint64_t objects = 0;  // that were found
    std::uint64_t wrong = 0;    // objects that were not whole or not right
    std::uint64_t open_milliseconds = 0;
};

bool is_right(store& checked, std::uint64_t number, const stored_object& object)
{
    std::string body = object.inline_body.value_or("");
    for (std::uint64_t index = 0; body.size() < object.response.body_octets; ++index) {
        const auto chunk = checked.read_chunk(object.id, index);
        if (!chunk) {
            return false;
        }
        body += *chunk;
    }
    return body == body_of(number, version_of(object.response));
}

report check_all(store& checked)
{
    report sum;
    for (std::uint64_t number = 0; number != keys; ++number) {
        const auto found = checked.lookup(key_of(number));
        if (!found || found->size() > 1) {
            ++sum.wrong;
        } else if (!found->empty()) {
            ++sum.objects;
            sum.wrong += is_right(checked, number, found->front()) ? 0U : 1U;
        }
    }
    sum.wrong += checked.usage().damaged_records;
    return sum;
}

std::unique_ptr<store> open_or_exit(const std::filesystem::path& folder)
{
    store_options options;
    options.quota_octets = quota_octets;
    options.replace_damaged = false;  // a crash leaves nothing that needs it
    auto opened = rocksdb_store::open(folder, options);
    if (!opened) {
        std::fprintf(stderr, "open: %s\n", opened.error().message().c_str());
        _exit(1);
    }
    return std::move(*opened);
}

void tell(int pipe_end, const report& told)
{
    if (::write(pipe_end, &told, sizeof told) != sizeof told) {
        _exit(1);
    }
}

[[noreturn]] void writer(const std::filesystem::path& folder, std::uint64_t seed, int pipe_end)
{
    const std::unique_ptr<store> opened = open_or_exit(folder);
    tell(pipe_end, {});
    std::thread second{[&] { write_for_ever(*opened, seed + 1); }};
    write_for_ever(*opened, seed);
    _exit(1);
}

[[noreturn]] void checker(const std::filesystem::path& folder, int pipe_end)
{
    const auto start = std::chrono::steady_clock::now();
    std::unique_ptr<store> opened = open_or_exit(folder);
    const auto took = std::chrono::steady_clock::now() - start;
    report told = check_all(*opened);
    told.open_milliseconds = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    tell(pipe_end, told);
    opened.reset();
    _exit(0);
}

// A store lives only in children: a fork of a process in which RocksDB has threads would be a
// process in which it waits for them for ever.
class child
{
public:
    template <class Main>
    explicit child(Main run)
    {
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) {
            return;
        }
        pid_ = fork();
        if (pid_ == 0) {
            close(ends[0]);
            run(ends[1]);
        }
        close(ends[1]);
        pipe_end_ = ends[0];
    }
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child()
    {
        finish(SIGKILL);
        close(pipe_end_);
    }

    // Nothing if the child ended without a word.
    std::optional<report> hear() const
    {
        report heard;
        if (read(pipe_end_, &heard, sizeof heard) != sizeof heard) {
            return std::nullopt;
        }
        return heard;
    }

    // Sends the signal, unless it is 0, and waits; the status of waitpid.
    int finish(int signal)
    {
        if (pid_ <= 0) {
            return -1;
        }
        if (signal != 0) {
            kill(pid_, signal);
        }
        int status = 0;
        waitpid(std::exchange(pid_, 0), &status, 0);
        return status;
    }

private:
    pid_t pid_ = -1;
    int pipe_end_ = -1;
};

TEST(StoreCrashTest, FindsOnlyWholeObjectsAfterEachKill)
{
    const support::temporary_directory directory;
    const std::filesystem::path folder = directory.path() / "store";
    std::mt19937_64 random{17};
    report sum;
    for (int round = 0; round != kills() && !testing::Test::HasFailure(); ++round) {
        const std::uint64_t seed = random();
        child writing{[&](int end) { writer(folder, seed, end); }};
        ASSERT_TRUE(writing.hear()) << "round " << round;
        std::this_thread::sleep_for(std::chrono::milliseconds{random() % 600});
        ASSERT_TRUE(WIFSIGNALED(writing.finish(SIGKILL)));

        child checking{[&](int end) { checker(folder, end); }};
        const std::optional<report> checked = checking.hear();
        ASSERT_TRUE(checked) << "round " << round;
        EXPECT_EQ(checking.finish(0), 0);
        EXPECT_EQ(checked->wrong, 0U) << "round " << round;
        sum.objects += checked->objects;
        sum.open_milliseconds = std::max(sum.open_milliseconds, checked->open_milliseconds);
    }
    EXPECT_GT(sum.objects, static_cast<std::uint64_t>(kills()));
    std::printf("%d kills, %llu objects checked, slowest start %llu ms\n",
        kills(),
        static_cast<unsigned long long>(sum.objects),
        static_cast<unsigned long long>(sum.open_milliseconds));
}

TEST(StoreCrashTest, AFolderInUseIsRefusedToAnotherProcess)
{
    const support::temporary_directory directory;
    const std::filesystem::path folder = directory.path() / "store";
    child writing{[&](int end) { writer(folder, 1, end); }};
    ASSERT_TRUE(writing.hear());
    EXPECT_EQ(rocksdb_store::open(folder, store_options{}).error(), store_errc::locked);
    writing.finish(SIGKILL);
    EXPECT_TRUE(rocksdb_store::open(folder, store_options{}));
}

}  // namespace
}  // namespace cache
