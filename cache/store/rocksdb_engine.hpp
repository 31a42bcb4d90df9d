// RocksDB in our own words: three tables, atomic batches, errors of ours. Its names and its
// exceptions stay behind this header.

#pragma once

#include "cache/store/disk_meter.hpp"
#include "cache/store/store.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cache {

enum class column : std::uint8_t
{
    ledger,    // a few hundred small entries about the store itself
    metadata,  // hash of the key and object id -> metadata record
    body,      // object id and index -> chunk
};

// Changes that happen together or not at all.
class engine_batch
{
public:
    void put(column where, std::string key, std::string value);

    // A value in two pieces; both must stay where they are until the batch is written.
    void put_view(column where, std::string key, std::string_view first, std::string_view second);
    void erase(column where, std::string key);

    // From first, up to but not including last.
    void erase_range(column where, std::string first, std::string last);

private:
    friend class rocksdb_engine;
    enum class change : std::uint8_t
    {
        put,
        put_view,
        erase,
        erase_range,
    };
    struct operation
    {
        change what;
        column where;
        std::string key;
        std::string value;  // or the end of a range
        std::string_view first;
        std::string_view second;
    };

    std::vector<operation> operations_;
};

// How values lie on disk. Both are kept as long as bench/store_bench compares them.
enum class engine_layout : std::uint8_t
{
    blobs,   // values in files of their own, in the order they were written; tables of keys beside
    levels,  // values in the levelled tables
};

struct engine_options
{
    std::uint64_t write_buffer_octets = 16 << 20;
    engine_layout layout = engine_layout::blobs;

    // Records of objects below it are gone; compaction takes them off the disk. Outlives the
    // engine.
    const std::atomic<object_id>* floor = nullptr;

    // Told of every octet. Outlives the engine.
    disk_meter* meter = nullptr;

    // Called when a flush, a compaction or the log failed: nothing more can be written. From a
    // thread of RocksDB: must not call the engine.
    std::function<void(boost::system::error_code)> on_background_error;

    // For tests: asked before each write to a file; an error makes it fail.
    std::function<boost::system::error_code(const std::string& path)> write_fault;
};

// Thread-safe. A resource; closing it leaves nothing to be done at the next start.
class rocksdb_engine
{
public:
    // Errors: corrupt if the files make no database, no_space, io_failure.
    static boost::system::result<std::unique_ptr<rocksdb_engine>> open(
        const std::filesystem::path& path, const engine_options& options);

    ~rocksdb_engine();
    rocksdb_engine(const rocksdb_engine&) = delete;
    rocksdb_engine& operator=(const rocksdb_engine&) = delete;

    using entry = std::pair<std::string, std::string>;

    // Errors: not_found, damaged, io_failure.
    boost::system::result<std::string> get(column where, std::string_view key);

    // At most limit entries, in order, from the key first on, as long as keys begin with prefix. In
    // the metadata column the prefix is a whole key hash.
    boost::system::result<std::vector<entry>> scan(
        column where, std::string_view first, std::string_view prefix, std::size_t limit);

    // At most limit entries of the whole column, in order, behind the key `after`.
    boost::system::result<std::vector<entry>> walk(
        column where, std::string_view after, std::size_t limit);

    // In the log of the operating system when it returns: survives the process, not the machine.
    boost::system::result<void> write(const engine_batch& batch);

    // Takes what is deleted or below the floor off the disk, for keys from first up to last (all of
    // them if both are empty). Returns when the space is free.
    boost::system::result<void> reclaim(
        column where, std::string_view first, std::string_view last);

private:
    class impl;
    explicit rocksdb_engine(std::unique_ptr<impl> built);

    std::unique_ptr<impl> impl_;
};

}  // namespace cache
