// The disk tier: a store on RocksDB.

#pragma once

#include "cache/store/disk_meter.hpp"
#include "cache/store/eviction_ledger.hpp"
#include "cache/store/past_purges.hpp"
#include "cache/store/pending_objects.hpp"
#include "cache/store/recent_reads.hpp"
#include "cache/store/record_codec.hpp"
#include "cache/store/rocksdb_engine.hpp"
#include "cache/store/rocksdb_folder.hpp"
#include "cache/store/store.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

namespace cache {

struct store_options
{
    // Of everything in the folder; at least 256 MiB. Less if the disk has less when the store is
    // opened: usage() tells.
    std::uint64_t quota_octets = 10ULL << 30;

    // What to do with a store that is damaged or of another version: start with an empty one, or
    // refuse. A cache may be lost.
    bool replace_damaged = true;

    std::chrono::milliseconds retry_interval{10'000};  // between attempts to recover
    std::chrono::milliseconds room_wait{1'000};        // of a writer, for eviction

    engine_layout layout = engine_layout::blobs;

    // Told when the store is passed by, with the reason, and when it has recovered, with no error:
    // in turns, on the store's own thread, which holds no lock meanwhile.
    std::function<void(boost::system::error_code)> on_trouble;

    // For tests: asked before each write to a file; an error makes it fail.
    std::function<boost::system::error_code(const std::string& path)> write_fault;
};

// Objects are evicted oldest first, an epoch (a sixty-fourth of the quota) at a time, by one thread
// of its own; those that were read lately are written again as new ones. The same thread recovers
// from errors of the disk. README.md tells how bytes lie on disk.
class rocksdb_store final : public store
{
public:
    // Blocks; may take seconds after a crash. Errors: those of store_folder::acquire(), no_space,
    // io_failure; unknown_format and corrupt only if such a store is not to be replaced.
    static boost::system::result<std::unique_ptr<store>> open(
        const std::filesystem::path& path, const store_options& options);

    // The same for a folder that is locked already.
    static boost::system::result<std::unique_ptr<store>> open(
        store_folder folder, const store_options& options);

    ~rocksdb_store() override;
    rocksdb_store(const rocksdb_store&) = delete;
    rocksdb_store& operator=(const rocksdb_store&) = delete;

    boost::system::result<std::vector<stored_object>> lookup(const cache_key& key) override;
    boost::system::result<std::string> read_chunk(object_id id, std::uint64_t index) override;
    boost::system::result<object_id> begin() override;
    boost::system::result<void> append(
        object_id id, std::uint64_t index, std::span<const char> chunk) override;
    boost::system::result<void> commit(
        const cache_key& key, object_id id, const stored_response& response) override;
    void abort(object_id id) override;
    boost::system::result<void> freshen(
        const cache_key& key, object_id id, const stored_response& response) override;
    boost::system::result<void> erase(const cache_key& key) override;
    boost::system::result<void> invalidate(const cache_key& key, wall_time now) override;
    boost::system::result<std::uint64_t> purge(const purge_order& order, wall_time now) override;
    store_usage usage() const override;

private:
    // An engine that is not closed as long as this lives.
    struct engine_use
    {
        std::shared_lock<std::shared_mutex> lock;
        rocksdb_engine* engine = nullptr;
    };

    // One record that is found under a key hash.
    struct variant
    {
        std::string record_key;
        object_id id = 0;
        metadata_record record;
    };

    // What is found under a key hash: the variants of the key, newest first, and the keys of
    // records that are damaged.
    struct variants
    {
        std::vector<variant> sound;
        std::vector<std::string> damaged;
        bool readable = true;  // false: the disk did not give all of them
    };

    rocksdb_store(store_folder folder, const store_options& options);

    // rocksdb_store.cpp
    boost::system::result<engine_use> use();
    boost::system::error_code fail(boost::system::error_code reason);
    variants find_variants(
        rocksdb_engine& engine, const key_hash& hash, const std::string& key_text);
    void drop_damaged(rocksdb_engine& engine, const key_hash& hash, const variants& found);
    void condemn(object_id id);
    boost::system::result<object_id> next_id(rocksdb_engine& engine);
    boost::system::result<void> write_chunk(
        rocksdb_engine& engine, object_id id, std::uint32_t index, std::span<const char> chunk);
    boost::system::result<void> write_metadata(
        const cache_key& key, object_id id, const stored_response& response, std::string record);
    boost::system::result<void> rewrite_metadata(
        const cache_key& key, const key_hash& hash, object_id id, const stored_response& response);
    boost::system::result<void> erase_or_owe(const key_hash& hash);
    boost::system::result<void> erase_variants(rocksdb_engine& engine, const key_hash& hash);
    std::mutex& mutex_of(const key_hash& hash);
    void put_epoch(engine_batch& batch, object_id id);

    // rocksdb_purge.cpp
    boost::system::result<std::uint64_t> purge_record(
        const std::string& record_key, const std::string& seen, const purge_order& order);

    // rocksdb_eviction.cpp: room, and who makes it
    std::uint64_t room_on_disk() const;
    std::uint64_t free_octets() const;
    bool should_evict() const;
    boost::system::result<void> reserve(std::uint64_t octets);
    void unreserve(std::uint64_t octets);
    void keep();
    bool evict_epoch();
    boost::system::result<void> raise_floor(rocksdb_engine& engine);
    boost::system::result<void> reclaim(rocksdb_engine& engine);
    void rescue(rocksdb_engine& engine, object_id below, std::uint64_t budget_octets);
    std::uint64_t rescue_object(
        rocksdb_engine& engine, object_id id, const key_hash& hash, std::uint64_t budget_octets);
    bool copy_body(rocksdb_engine& engine, object_id from, object_id to, std::uint64_t body_octets);

    // rocksdb_recovery.cpp: start, and start again
    boost::system::result<void> start();
    boost::system::result<void> open_engine();
    boost::system::result<void> load_ledger();
    boost::system::result<void> replace();
    void recover();
    void pay_owed();
    bool owe(const key_hash& hash);

    // Ids are promised to the disk in such blocks, so that most need no write.
    static constexpr object_id id_block = 4096;

    // The folder itself, its mark and its lock, beside what the meter sees.
    static constexpr std::uint64_t folder_octets = 4 * 4096;

    const store_options options_;
    const std::uint64_t write_buffer_octets_;
    const std::uint64_t epoch_octets_;
    store_folder folder_;
    disk_meter meter_;
    std::atomic<object_id> floor_{1};

    // Shared by whoever uses the engine, alone to whoever replaces it.
    std::shared_mutex engine_mutex_;
    std::unique_ptr<rocksdb_engine> engine_;
    std::atomic<bool> failing_{false};
    std::atomic<bool> corrupt_{false};

    std::mutex id_mutex_;  // guards the next two
    object_id next_id_ = 1;
    object_id id_bound_ = 1;

    mutable std::mutex ledger_mutex_;
    eviction_ledger ledger_;

    past_purges purges_;
    pending_objects pending_;
    recent_reads recent_;
    moved_objects moved_;

    // One of them is held from reading the variants of a key to changing them.
    std::array<std::mutex, 64> key_mutexes_;

    // Objects of which a chunk is damaged: gone at their next lookup.
    std::mutex condemned_mutex_;
    std::unordered_set<object_id> condemned_;

    // Keys that must not be found again and could not be erased.
    std::mutex owed_mutex_;
    std::set<key_hash> owed_;

    std::atomic<std::uint64_t> damaged_records_{0};
    std::atomic<std::uint64_t> replacements_{0};

    std::uint64_t metadata_garbage_octets_ = 0;  // evicted, not reclaimed; the keeper's alone

    mutable std::mutex keeper_mutex_;  // guards the next three
    boost::system::error_code
        failure_;  // why it began to fail; trouble in open() is open()'s error
    std::uint64_t reserved_octets_ = 0;
    bool stopping_ = false;
    std::condition_variable wake_keeper_;
    std::condition_variable room_;
    std::thread keeper_;
};

}  // namespace cache
