#include "cache/store/rocksdb_engine.hpp"

#include "cache/store/errc.hpp"
#include "cache/store/rocksdb_file_system.hpp"

#include <boost/assert.hpp>

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdarg>
#include <system_error>

namespace cache {
namespace {

using boost::system::error_code;
using boost::system::result;
namespace fs = std::filesystem;

constexpr std::size_t key_hash_octets = 16;

// Index and filter blocks lie in it, too: what RocksDB holds does not grow with the store. Values
// are cached by the memory tier in front and the kernel behind.
constexpr std::size_t block_cache_octets = 12 << 20;

// The process may have 20,000 descriptors, and most are for clients.
constexpr int max_open_files = 512;

// Smaller values are kept beside their keys.
constexpr std::uint64_t min_blob_octets = 256;

constexpr std::uint64_t max_manifest_octets = 1 << 20;

// Starts writing back early instead of stalling behind a full page cache at the end of a file.
constexpr std::uint64_t write_back_octets = 1 << 20;

bool is_damage(const rocksdb::Status& status)
{
    return status.IsCorruption() || status.IsPathNotFound() || status.IsNotSupported();
}

error_code translate(const rocksdb::Status& status)
{
    if (status.ok()) {
        return {};
    }
    if (status.IsNotFound()) {
        return store_errc::not_found;
    }
    if (is_damage(status)) {
        return store_errc::damaged;
    }
    return status.IsNoSpace() ? store_errc::no_space : store_errc::io_failure;
}

// At the start, whatever is not the disk's refusal means files that make no database.
error_code translate_open(const rocksdb::Status& status)
{
    if (status.IsIOError() && !status.IsPathNotFound()) {
        return translate(status);
    }
    return store_errc::corrupt;
}

rocksdb::Slice slice(std::string_view text)
{
    return {text.data(), text.size()};
}

// The first key that does not begin with prefix; empty if there is none.
std::string end_of(std::string_view prefix)
{
    std::string end{prefix};
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) {
        end.pop_back();
    }
    if (!end.empty()) {
        end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    }
    return end;
}

// RocksDB's own log would be bytes beside the quota that nobody reads.
class no_log final : public rocksdb::Logger
{
public:
    using rocksdb::Logger::Logv;
    void Logv(const char* /*format*/, std::va_list /*arguments*/) override {}
};

// Drops the records of evicted objects; keys are looked at, values are not read.
class floor_filter final : public rocksdb::CompactionFilter
{
public:
    floor_filter(const std::atomic<object_id>& floor, std::size_t id_offset)
        : floor_{floor}, id_offset_{id_offset}
    {
    }

    const char* Name() const override { return "floor_filter"; }

    // RocksDB decides about the parameters. NOLINTNEXTLINE(readability-function-size)
    Decision FilterV2(int /*level*/,
        const rocksdb::Slice& key,
        ValueType /*type*/,
        const rocksdb::Slice& /*value*/,
        std::string* /*new_value*/,
        std::string* /*skip_until*/) const override
    {
        return decide(key);
    }

    Decision FilterBlobByKey(int /*level*/,
        const rocksdb::Slice& key,
        std::string* /*new_value*/,
        std::string* /*skip_until*/) const override
    {
        return decide(key);
    }

private:
    Decision decide(const rocksdb::Slice& key) const
    {
        if (key.size() < id_offset_ + sizeof(object_id)) {
            return Decision::kKeep;
        }
        object_id id = 0;
        for (std::size_t i = 0; i != sizeof id; ++i) {
            id = (id << 8) | static_cast<unsigned char>(key[id_offset_ + i]);
        }
        return id < floor_.load(std::memory_order_relaxed) ? Decision::kRemove : Decision::kKeep;
    }

    const std::atomic<object_id>& floor_;
    std::size_t id_offset_;
};

class error_listener final : public rocksdb::EventListener
{
public:
    explicit error_listener(std::function<void(error_code)> report) : report_{std::move(report)} {}

    void OnBackgroundError(
        rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* status) override
    {
        if (report_ && status != nullptr && !status->ok()) {
            report_(translate(*status));
        }
    }

    // RocksDB 7.8 can wait for ever in its own recovery, so the store opens it again instead.
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
        rocksdb::Status /*status*/,
        bool* automatic) override
    {
        *automatic = false;
    }

private:
    std::function<void(error_code)> report_;
};

void count_files(const fs::path& path, disk_meter& meter)
{
    meter.clear();
    std::error_code failure;
    for (fs::directory_iterator entry{path, failure}, end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code ignored;
        const std::uintmax_t octets = entry->file_size(ignored);
        if (!ignored) {
            meter.create(entry->path().string(), octets);
        }
    }
}

}  // namespace

void engine_batch::put(column where, std::string key, std::string value)
{
    operations_.push_back({change::put, where, std::move(key), std::move(value), {}, {}});
}

void engine_batch::put_view(
    column where, std::string key, std::string_view first, std::string_view second)
{
    operations_.push_back({change::put_view, where, std::move(key), {}, first, second});
}

void engine_batch::erase(column where, std::string key)
{
    operations_.push_back({change::erase, where, std::move(key), {}, {}, {}});
}

void engine_batch::erase_range(column where, std::string first, std::string last)
{
    operations_.push_back({change::erase_range, where, std::move(first), std::move(last), {}, {}});
}

class rocksdb_engine::impl
{
public:
    explicit impl(const engine_options& options)
        : options_{options},
          env_{rocksdb::NewCompositeEnv(
              make_metered_file_system(*options.meter, options.write_fault))},
          block_cache_{rocksdb::NewLRUCache(block_cache_octets, 2)},
          metadata_filter_{*options.floor, key_hash_octets},
          body_filter_{*options.floor, 0}
    {
    }

    ~impl()
    {
        for (rocksdb::ColumnFamilyHandle* const handle : handles_) {
            db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
        }
        if (db_) {
            db_->Close().PermitUncheckedError();
        }
    }

    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    rocksdb::Status open(const fs::path& path)
    {
        const std::vector<rocksdb::ColumnFamilyDescriptor> columns{
            {rocksdb::kDefaultColumnFamilyName, ledger_options()},
            {"metadata", metadata_options()},
            {"body", body_options()}};
        rocksdb::DB* opened = nullptr;
        rocksdb::Status status =
            rocksdb::DB::Open(database_options(), path.string(), columns, &handles_, &opened);
        db_.reset(opened);
        return status;
    }

    rocksdb::DB& db() { return *db_; }
    rocksdb::ColumnFamilyHandle* handle(column where) const
    {
        return handles_[static_cast<std::size_t>(where)];
    }
    engine_layout layout() const { return options_.layout; }

private:
    rocksdb::DBOptions database_options() const;
    rocksdb::ColumnFamilyOptions common_options() const;
    rocksdb::ColumnFamilyOptions ledger_options() const;
    rocksdb::ColumnFamilyOptions metadata_options() const;
    rocksdb::ColumnFamilyOptions body_options() const;
    rocksdb::BlockBasedTableOptions table_options() const;

    engine_options options_;
    std::unique_ptr<rocksdb::Env> env_;
    std::shared_ptr<rocksdb::Cache> block_cache_;
    floor_filter metadata_filter_;
    floor_filter body_filter_;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

rocksdb::DBOptions rocksdb_engine::impl::database_options() const
{
    rocksdb::DBOptions database;
    database.create_if_missing = true;
    database.create_missing_column_families = true;
    database.env = env_.get();
    database.info_log = std::make_shared<no_log>();
    database.listeners.push_back(std::make_shared<error_listener>(options_.on_background_error));
    database.max_bgerror_resume_count = 0;  // see error_listener
    database.max_open_files = max_open_files;
    database.max_file_opening_threads = 1;
    database.table_cache_numshardbits = 2;
    database.max_background_jobs = 2;
    database.skip_stats_update_on_db_open = true;  // reads from every table otherwise
    database.stats_dump_period_sec = 0;
    database.stats_persist_period_sec = 0;
    database.max_manifest_file_size = max_manifest_octets;
    database.allow_fallocate = false;  // octets that `du` sees and the meter does not
    database.bytes_per_sync = write_back_octets;
    database.wal_bytes_per_sync = write_back_octets;
    // A prefix of what was written survives, never a later change without an earlier one: the
    // chunks of an object come before its metadata.
    database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // The metadata's buffer fills slowly and would keep every log since its last flush.
    database.max_total_wal_size = 4 * options_.write_buffer_octets;
    return database;
}

rocksdb::BlockBasedTableOptions rocksdb_engine::impl::table_options() const
{
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = block_cache_;
    table.cache_index_and_filter_blocks = true;
    return table;
}

rocksdb::ColumnFamilyOptions rocksdb_engine::impl::common_options() const
{
    rocksdb::ColumnFamilyOptions family;
    family.write_buffer_size = options_.write_buffer_octets;
    family.max_write_buffer_number = 2;
    family.compression = rocksdb::kNoCompression;  // bodies are compressed by their origins
    family.target_file_size_base = options_.write_buffer_octets / 2;
    family.max_bytes_for_level_base = 4 * options_.write_buffer_octets;
    family.max_compaction_bytes = 2 * options_.write_buffer_octets;
    family.ttl = 0;
    family.periodic_compaction_seconds = 0;
    if (options_.layout == engine_layout::blobs) {
        family.enable_blob_files = true;
        family.min_blob_size = min_blob_octets;
        family.blob_file_size = 2 * options_.write_buffer_octets;  // one flush, one file
    }
    return family;
}

rocksdb::ColumnFamilyOptions rocksdb_engine::impl::ledger_options() const
{
    rocksdb::ColumnFamilyOptions family = common_options();
    family.enable_blob_files = false;
    family.write_buffer_size = 1 << 20;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options()));
    return family;
}

rocksdb::ColumnFamilyOptions rocksdb_engine::impl::metadata_options() const
{
    rocksdb::ColumnFamilyOptions family = common_options();
    rocksdb::BlockBasedTableOptions table = table_options();
    // Most lookups are for keys that are not there.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = false;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    family.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(key_hash_octets));
    family.compaction_filter = &metadata_filter_;
    return family;
}

rocksdb::ColumnFamilyOptions rocksdb_engine::impl::body_options() const
{
    rocksdb::ColumnFamilyOptions family = common_options();
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options()));
    family.compaction_filter = &body_filter_;
    return family;
}

result<std::unique_ptr<rocksdb_engine>> rocksdb_engine::open(
    const fs::path& path, const engine_options& options)
{
    BOOST_ASSERT(options.floor != nullptr);
    BOOST_ASSERT(options.meter != nullptr);
    count_files(path, *options.meter);
    auto built = std::make_unique<impl>(options);
    const rocksdb::Status status = built->open(path);
    if (!status.ok()) {
        return translate_open(status);
    }
    return std::unique_ptr<rocksdb_engine>{new rocksdb_engine{std::move(built)}};
}

rocksdb_engine::rocksdb_engine(std::unique_ptr<impl> built) : impl_{std::move(built)}
{
}

rocksdb_engine::~rocksdb_engine() = default;

result<std::string> rocksdb_engine::get(column where, std::string_view key)
{
    std::string value;
    const rocksdb::Status status =
        impl_->db().Get(rocksdb::ReadOptions{}, impl_->handle(where), slice(key), &value);
    if (!status.ok()) {
        return translate(status);
    }
    return value;
}

result<std::vector<rocksdb_engine::entry>> rocksdb_engine::scan(
    column where, std::string_view first, std::string_view prefix, std::size_t limit)
{
    const std::string end = end_of(prefix);
    const rocksdb::Slice upper = slice(end);
    rocksdb::ReadOptions options;
    options.prefix_same_as_start = where == column::metadata;
    options.iterate_upper_bound = end.empty() ? nullptr : &upper;
    const std::unique_ptr<rocksdb::Iterator> at{
        impl_->db().NewIterator(options, impl_->handle(where))};
    std::vector<entry> found;
    for (at->Seek(slice(first)); at->Valid() && found.size() < limit; at->Next()) {
        found.emplace_back(at->key().ToString(), at->value().ToString());
    }
    if (!at->status().ok()) {
        return translate(at->status());
    }
    return found;
}

result<std::vector<rocksdb_engine::entry>> rocksdb_engine::walk(
    column where, std::string_view after, std::size_t limit)
{
    rocksdb::ReadOptions options;
    options.total_order_seek = true;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> at{
        impl_->db().NewIterator(options, impl_->handle(where))};
    std::vector<entry> found;
    at->Seek(slice(after));
    if (at->Valid() && at->key() == slice(after)) {
        at->Next();
    }
    for (; at->Valid() && found.size() < limit; at->Next()) {
        found.emplace_back(at->key().ToString(), at->value().ToString());
    }
    if (!at->status().ok()) {
        return translate(at->status());
    }
    return found;
}

result<void> rocksdb_engine::write(const engine_batch& batch)
{
    rocksdb::WriteBatch changes;
    for (const engine_batch::operation& operation : batch.operations_) {
        rocksdb::ColumnFamilyHandle* const where = impl_->handle(operation.where);
        const rocksdb::Slice key = slice(operation.key);
        const std::array<rocksdb::Slice, 2> pieces{slice(operation.first), slice(operation.second)};
        rocksdb::Status status;
        switch (operation.what) {
        case engine_batch::change::put:
            status = changes.Put(where, key, slice(operation.value));
            break;
        case engine_batch::change::put_view:
            status = changes.Put(where,
                rocksdb::SliceParts{&key, 1},
                rocksdb::SliceParts{pieces.data(), static_cast<int>(pieces.size())});
            break;
        case engine_batch::change::erase: status = changes.Delete(where, key); break;
        case engine_batch::change::erase_range:
            status = changes.DeleteRange(where, key, slice(operation.value));
            break;
        }
        if (!status.ok()) {
            return translate(status);
        }
    }
    const rocksdb::Status status = impl_->db().Write(rocksdb::WriteOptions{}, &changes);
    if (!status.ok()) {
        return translate(status);
    }
    return {};
}

result<void> rocksdb_engine::reclaim(column where, std::string_view first, std::string_view last)
{
    const rocksdb::Slice begin = slice(first);
    const rocksdb::Slice end = slice(last);
    const rocksdb::Slice* const begin_or_all = first.empty() ? nullptr : &begin;
    const rocksdb::Slice* const end_or_all = last.empty() ? nullptr : &end;
    if (impl_->layout() == engine_layout::levels && where == column::body) {
        const rocksdb::Status dropped = rocksdb::DeleteFilesInRange(
            &impl_->db(), impl_->handle(where), begin_or_all, end_or_all, false);
        if (!dropped.ok()) {
            return translate(dropped);
        }
    }
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    options.allow_write_stall = true;  // else it may wait for as long as somebody writes
    const rocksdb::Status status =
        impl_->db().CompactRange(options, impl_->handle(where), begin_or_all, end_or_all);
    if (!status.ok()) {
        return translate(status);
    }
    return {};
}

}  // namespace cache
