// What the disk tier costs: write amplification, how well it keeps its quota, how soon evicted
// octets are free, how long reads take while it is being filled, memory, and the time to open it.

#include "cache/store/rocksdb_store.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/temporary_directory.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

struct settings
{
    std::string layout = "blobs";
    std::uint64_t quota_mebibytes = 1024;
    std::uint64_t object_octets = 300'000;
    double fill_quotas = 3;
    bool reads = true;
    std::string folder;
};

struct write_result
{
    std::uint64_t offered = 0;
    std::uint64_t stored = 0;
    std::uint64_t refused = 0;
    std::vector<double> append_milliseconds;
};

double milliseconds_since(clock_type::time_point start)
{
    return std::chrono::duration<double, std::milli>(clock_type::now() - start).count();
}

double quantile(std::vector<double>& values, double share)
{
    if (values.empty()) {
        return 0;
    }
    const auto at = values.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

// A number behind a name in a file of /proc/self.
std::uint64_t proc_number(const char* file, std::string_view name)
{
    std::ifstream in{file};
    std::string word;
    while (in >> word) {
        std::uint64_t value = 0;
        if (word == name && in >> value) {
            return value;
        }
    }
    return 0;
}

cache::cache_key key_of(std::uint64_t number)
{
    return cache::cache_key{"http", "bench.example", 80, "/" + std::to_string(number)};
}

bool put(cache::store& store, std::uint64_t number, std::string_view body, write_result& result)
{
    const auto id = store.begin();
    if (!id) {
        return false;
    }
    std::uint64_t index = 0;
    for (std::string_view rest = body; !rest.empty(); ++index) {
        const std::string_view chunk = rest.substr(0, cache::body_chunk_octets);
        rest.remove_prefix(chunk.size());
        const auto start = clock_type::now();
        const auto appended = store.append(*id, index, {chunk.data(), chunk.size()});
        result.append_milliseconds.push_back(milliseconds_since(start));
        if (!appended) {
            store.abort(*id);
            return false;
        }
    }
    cache::stored_response response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.body_octets = body.size();
    if (!store.commit(key_of(number), *id, response)) {
        store.abort(*id);
        return false;
    }
    return true;
}

write_result fill(cache::store& store, const settings& wanted, std::atomic<std::uint64_t>& newest)
{
    write_result result;
    const std::string body = support::generated_body(1, wanted.object_octets);
    const double total = wanted.fill_quotas * static_cast<double>(wanted.quota_mebibytes << 20);
    for (std::uint64_t number = 1; static_cast<double>(result.offered) < total; ++number) {
        result.offered += body.size();
        if (put(store, number, body, result)) {
            result.stored += body.size();
            newest = number;
        } else {
            ++result.refused;
        }
    }
    return result;
}

// Whole objects, at random among the newest that half the quota holds.
std::vector<double> read(cache::store& store,
    const settings& wanted,
    const std::atomic<std::uint64_t>& newest,
    const std::atomic<bool>& done)
{
    std::vector<double> milliseconds;
    std::mt19937_64 random{1};
    const std::uint64_t reach = (wanted.quota_mebibytes << 20) / 2 / wanted.object_octets + 1;
    while (!done) {
        const std::uint64_t last = newest;
        if (last == 0) {
            std::this_thread::yield();
            continue;
        }
        const std::uint64_t number = last - random() % std::min(reach, last);
        const auto start = clock_type::now();
        const auto found = store.lookup(key_of(number));
        if (found && !found->empty() && !found->front().inline_body) {
            const std::uint64_t octets = found->front().response.body_octets;
            for (std::uint64_t i = 0; i * cache::body_chunk_octets < octets; ++i) {
                store.read_chunk(found->front().id, i).has_value();
            }
        }
        milliseconds.push_back(milliseconds_since(start));
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return milliseconds;
}

struct watch_result
{
    std::uint64_t peak_octets = 0;
    std::vector<double> free_milliseconds;  // from an eviction to the space being free
};

watch_result watch(const cache::store& store, const std::atomic<bool>& done)
{
    watch_result seen;
    cache::store_usage before = store.usage();
    clock_type::time_point evicted_at{};
    bool waiting = false;
    while (!done) {
        const cache::store_usage now = store.usage();
        seen.peak_octets = std::max(seen.peak_octets, now.octets);
        if (now.evicted_octets != before.evicted_octets) {
            evicted_at = clock_type::now();
            waiting = true;
        }
        const std::uint64_t epoch = now.limit_octets / 64;
        if (waiting && now.octets + epoch / 2 < before.octets) {
            seen.free_milliseconds.push_back(milliseconds_since(evicted_at));
            waiting = false;
        }
        before = now;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return seen;
}

int run(const settings& wanted)
{
    const support::temporary_directory temporary;
    const std::filesystem::path folder =
        wanted.folder.empty() ? temporary.path() / "store" : std::filesystem::path{wanted.folder};
    cache::store_options options;
    options.quota_octets = wanted.quota_mebibytes << 20;
    options.layout =
        wanted.layout == "levels" ? cache::engine_layout::levels : cache::engine_layout::blobs;
    auto opened = cache::rocksdb_store::open(folder, options);
    if (!opened) {
        std::fprintf(stderr, "store_bench: %s\n", opened.error().message().c_str());
        return 1;
    }
    cache::store& store = **opened;
    std::atomic<std::uint64_t> newest{0};
    std::atomic<bool> done{false};
    watch_result watched;
    std::vector<double> reads;
    std::thread watcher{[&] { watched = watch(store, done); }};
    std::thread reader{[&] {
        if (wanted.reads) {
            reads = read(store, wanted, newest, done);
        }
    }};
    const std::uint64_t written_before = proc_number("/proc/self/io", "wchar:");
    const auto start = clock_type::now();
    write_result wrote = fill(store, wanted, newest);
    const double seconds = milliseconds_since(start) / 1000;
    done = true;
    watcher.join();
    reader.join();
    const double written =
        static_cast<double>(proc_number("/proc/self/io", "wchar:") - written_before);
    const cache::store_usage usage = store.usage();
    std::printf("layout %s, quota %llu MiB, objects of %llu octets, %.1f quotas offered\n",
        wanted.layout.c_str(),
        static_cast<unsigned long long>(wanted.quota_mebibytes),
        static_cast<unsigned long long>(wanted.object_octets),
        wanted.fill_quotas);
    const double limit = static_cast<double>(usage.limit_octets);
    std::printf(
        "fill rate            %8.1f MB/s\n", static_cast<double>(wrote.stored) / 1e6 / seconds);
    std::printf("refused objects      %8llu\n", static_cast<unsigned long long>(wrote.refused));
    std::printf("write amplification  %8.2f\n", written / static_cast<double>(wrote.stored));
    std::printf(
        "peak of the quota    %8.1f %%\n", 100 * static_cast<double>(watched.peak_octets) / limit);
    std::printf("live objects         %8.1f %% of the quota\n",
        100 * static_cast<double>(usage.objects * wanted.object_octets) / limit);
    std::printf("evicted to free      %8.1f ms median, %.1f ms most\n",
        quantile(watched.free_milliseconds, 0.5),
        quantile(watched.free_milliseconds, 1));
    std::printf("append of a chunk    %8.2f ms p50, %.2f ms p99, %.0f ms most\n",
        quantile(wrote.append_milliseconds, 0.5),
        quantile(wrote.append_milliseconds, 0.99),
        quantile(wrote.append_milliseconds, 1));
    std::printf("read of an object    %8.2f ms p50, %.2f ms p99\n",
        quantile(reads, 0.5),
        quantile(reads, 0.99));
    std::printf("resident memory      %8.1f MB at most\n",
        static_cast<double>(proc_number("/proc/self/status", "VmHWM:")) * 1024 / 1e6);
    opened->reset();
    const auto reopening = clock_type::now();
    opened = cache::rocksdb_store::open(folder, options);
    std::printf("open again           %8.1f ms\n", milliseconds_since(reopening));
    return opened ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    settings wanted;
    CLI::App app{"What the disk tier costs"};
    app.add_option("--layout", wanted.layout, "blobs or levels")
        ->check(CLI::IsMember({"blobs", "levels"}));
    app.add_option("--quota-mib", wanted.quota_mebibytes, "the quota");
    app.add_option("--object-octets", wanted.object_octets, "size of each body");
    app.add_option("--fill", wanted.fill_quotas, "how many quotas are written");
    app.add_flag("!--no-reads", wanted.reads, "nothing is read, so nothing gets a second chance");
    app.add_option("--folder", wanted.folder, "where (default: the system's temporary folder)");
    CLI11_PARSE(app, argc, argv);
    return run(wanted);
}
