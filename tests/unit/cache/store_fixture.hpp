// A disk tier in a folder of its own, and what it is filled with.

#pragma once

#include "cache/store/errc.hpp"
#include "cache/store/rocksdb_store.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/generated_body.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace support {

inline cache::cache_key key_of(std::string_view path)
{
    return cache::cache_key{"http", "example.com", 80, "/" + std::string{path}};
}

// What a server would say about such a body.
inline cache::stored_response response_of(std::string_view body, std::string_view language = "")
{
    cache::stored_response response;
    response.fields.add("Content-Type", "text/plain");
    response.fields.add("Date", "Sun, 22 Nov 2026 12:00:00 GMT");
    if (!language.empty()) {
        response.fields.add("Vary", "Accept-Language");
        response.selecting_fields.add("Accept-Language", language);
    }
    response.request_time = cache::wall_time{std::chrono::milliseconds{1'795'348'800'000}};
    response.response_time = response.request_time + std::chrono::milliseconds{120};
    response.corrected_initial_age = std::chrono::seconds{7};
    response.body_octets = body.size();
    response.sharing = cache::sharing_class::trusted;
    return response;
}

inline boost::system::result<void> append_all(
    cache::store& store, cache::object_id id, std::string_view body)
{
    for (std::uint64_t index = 0; !body.empty(); ++index) {
        const std::string_view chunk = body.substr(0, cache::body_chunk_octets);
        const auto appended = store.append(id, index, {chunk.data(), chunk.size()});
        if (!appended) {
            return appended;
        }
        body.remove_prefix(chunk.size());
    }
    return {};
}

// The whole life of an object up to its commit; the error of the first step that fails.
inline boost::system::result<cache::object_id> put(cache::store& store,
    std::string_view path,
    std::string_view body,
    std::string_view language = "")
{
    const auto id = store.begin();
    if (!id) {
        return id;
    }
    auto done = append_all(store, *id, body);
    if (done) {
        done = store.commit(key_of(path), *id, response_of(body, language));
    }
    if (!done) {
        store.abort(*id);
        return done.error();
    }
    return *id;
}

inline boost::system::result<std::string> read_body(
    cache::store& store, const cache::stored_object& object)
{
    if (object.inline_body) {
        return *object.inline_body;
    }
    std::string body;
    for (std::uint64_t index = 0; body.size() < object.response.body_octets; ++index) {
        const auto chunk = store.read_chunk(object.id, index);
        if (!chunk) {
            return chunk.error();
        }
        body += *chunk;
    }
    return body;
}

// The body of the newest variant; not_found if there is none.
inline boost::system::result<std::string> get(cache::store& store, std::string_view path)
{
    const auto found = store.lookup(key_of(path));
    if (!found) {
        return found.error();
    }
    if (found->empty()) {
        return boost::system::error_code{cache::store_errc::not_found};
    }
    return read_body(store, found->front());
}

inline std::uint64_t disk_octets(const std::filesystem::path& path)
{
    std::uint64_t sum = 0;
    std::error_code failure;
    for (std::filesystem::recursive_directory_iterator entry{path, failure}, end;
         !failure && entry != end;
         entry.increment(failure)) {
        std::error_code gone;
        const std::uintmax_t octets = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
        sum += gone ? 0 : (octets + 4095) / 4096 * 4096;
    }
    return sum;
}

// Whether what the store counts is what lies in the folder, give or take the tolerance. Asked again
// while a flush or a compaction may be between a write and its count.
template <typename Counted>
testing::AssertionResult agrees_with_disk(
    Counted counted, const std::filesystem::path& folder, std::uint64_t tolerance = 0)
{
    std::uint64_t expected = 0;
    std::uint64_t octets = 0;
    const bool agreed = eventually([&] {
        expected = disk_octets(folder);
        octets = counted();
        return std::max(octets, expected) - std::min(octets, expected) <= tolerance;
    });
    if (agreed) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << octets << " octets counted, " << expected << " on disk";
}

class store_fixture : public testing::Test
{
protected:
    store_fixture()
    {
        options_.quota_octets = 64 << 20;  // small ones are quickly full
        options_.retry_interval = std::chrono::milliseconds{20};
    }

    std::filesystem::path folder() const { return directory_.path() / "store"; }

    void open()
    {
        store_.reset();
        auto opened = cache::rocksdb_store::open(folder(), options_);
        ASSERT_TRUE(opened) << opened.error().message();
        store_ = std::move(*opened);
    }

    cache::store& store() { return *store_; }

    cache::store_options options_;
    temporary_directory directory_;
    std::unique_ptr<cache::store> store_;
};

}  // namespace support
