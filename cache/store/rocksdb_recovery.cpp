// How a rocksdb_store starts, and how it starts again after the disk failed it.

#include "cache/store/errc.hpp"
#include "cache/store/record_keys.hpp"
#include "cache/store/rocksdb_store.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace cache {
namespace {

using boost::system::error_code;
using boost::system::result;

constexpr std::size_t max_writers = 4096;
constexpr std::size_t recent_capacity = 32 * 1024;
constexpr std::size_t moved_capacity = 4096;
// A store of this size still works, if badly; a disk without room for it is passed by.
constexpr std::uint64_t least_quota_octets = 16 << 20;

// A quota beyond what the disk has would make epochs and reserves larger than all there is.
std::uint64_t quota_on_disk(const std::filesystem::path& database, std::uint64_t quota_octets)
{
    std::error_code failure;
    std::uint64_t room = std::filesystem::space(database.parent_path(), failure).available;
    if (failure) {
        return quota_octets;
    }
    for (std::filesystem::recursive_directory_iterator entry{database, failure}, end;
         !failure && entry != end;
         entry.increment(failure)) {
        std::error_code gone;
        const std::uintmax_t octets = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
        room += gone ? 0 : octets;
    }
    return std::min(quota_octets, std::max(room, least_quota_octets));
}

constexpr std::size_t max_owed = 4096;

// Two buffers of a column are what RocksDB holds in memory, and logs on disk are some buffers long:
// small stores have small ones.
std::uint64_t write_buffer_for(std::uint64_t quota_octets)
{
    return std::clamp<std::uint64_t>(quota_octets / 64, 1 << 20, 16 << 20);
}

// One entry of the ledger for each epoch, writer and setting; more than this is not a ledger.
constexpr std::size_t max_ledger_entries = 64 * 1024;

}  // namespace

rocksdb_store::rocksdb_store(store_folder folder, const store_options& options)
    : options_{options},
      write_buffer_octets_{write_buffer_for(options.quota_octets)},
      epoch_octets_{options.quota_octets / 64},
      folder_{std::move(folder)},
      ledger_{epoch_octets_},
      pending_{max_writers, options.quota_octets / 2},
      recent_{recent_capacity},
      moved_{moved_capacity}
{
}

rocksdb_store::~rocksdb_store()
{
    {
        const std::lock_guard lock{keeper_mutex_};
        stopping_ = true;
    }
    wake_keeper_.notify_all();
    room_.notify_all();
    if (keeper_.joinable()) {
        keeper_.join();
    }
}

result<std::unique_ptr<store>> rocksdb_store::open(
    const std::filesystem::path& path, const store_options& options)
{
    result<store_folder> folder = store_folder::acquire(path);
    if (!folder) {
        return folder.error();
    }
    return open(std::move(*folder), options);
}

result<std::unique_ptr<store>> rocksdb_store::open(
    store_folder folder, const store_options& options)
{
    store_options fitted = options;
    fitted.quota_octets = quota_on_disk(folder.database(), options.quota_octets);
    std::unique_ptr<rocksdb_store> opened{new rocksdb_store{std::move(folder), fitted}};
    const result<void> started = opened->start();
    if (!started) {
        return started.error();
    }
    return std::unique_ptr<store>{std::move(opened)};
}

result<void> rocksdb_store::start()
{
    result<void> opened = folder_.check_format();
    if (opened) {
        opened = open_engine();
    }
    const bool replaceable = !opened && (opened.error() == store_errc::unknown_format ||
                                            opened.error() == store_errc::corrupt);
    if (replaceable && options_.replace_damaged) {
        opened = replace();
    }
    if (!opened) {
        return opened;
    }
    failing_ = false;  // reports of files that were replaced since
    corrupt_ = false;
    keeper_ = std::thread{[this] { keep(); }};
    return {};
}

// The caller has engine_mutex_ alone, or is the only one who knows the store.
result<void> rocksdb_store::open_engine()
{
    engine_options options;
    options.write_buffer_octets = write_buffer_octets_;
    options.layout = options_.layout;
    options.floor = &floor_;
    options.meter = &meter_;
    options.on_background_error = [this](error_code reason) { fail(reason); };
    options.write_fault = options_.write_fault;
    auto opened = rocksdb_engine::open(folder_.database(), options);
    if (!opened) {
        return opened.error();
    }
    engine_ = std::move(*opened);
    const result<void> loaded = load_ledger();
    if (!loaded) {
        engine_.reset();
    }
    return loaded;
}

result<void> rocksdb_store::load_ledger()
{
    const auto entries = engine_->scan(column::ledger, {}, {}, max_ledger_entries);
    if (!entries) {
        return error_code{
            entries.error() == store_errc::damaged ? store_errc::corrupt : store_errc::io_failure};
    }
    object_id floor = 1;
    object_id bound = 1;
    std::deque<eviction_ledger::epoch> epochs;
    engine_batch leftovers;  // of objects that were being written
    for (const auto& [key, value] : *entries) {
        if (const auto first = number_of_ledger_key(ledger_entry::epoch, key)) {
            if (const auto epoch = decode_epoch(*first, value)) {
                epochs.push_back(*epoch);
            }
        } else if (const auto id = number_of_ledger_key(ledger_entry::writing, key)) {
            leftovers.erase_range(column::body, body_key(*id, 0), body_key(*id + 1, 0));
            leftovers.erase(column::ledger, key);
        } else if (key == ledger_key(ledger_entry::floor)) {
            floor = decode_number(value).value_or(0);
        } else if (key == ledger_key(ledger_entry::id_bound)) {
            bound = decode_number(value).value_or(0);
        }
    }
    if (floor == 0 || bound == 0 || floor > bound) {
        return error_code{store_errc::corrupt};
    }
    {
        const std::lock_guard lock{id_mutex_};
        next_id_ = std::max(next_id_, bound);
        id_bound_ = next_id_ + id_block;
        leftovers.put(column::ledger, ledger_key(ledger_entry::id_bound), encode_number(id_bound_));
    }
    {
        const std::lock_guard lock{ledger_mutex_};
        ledger_.restore(floor, epochs);
    }
    floor_ = floor;
    const result<void> swept = engine_->write(leftovers);  // shows that writing works, too
    return swept ? swept : error_code{store_errc::io_failure};
}

// The caller has engine_mutex_ alone, or is the only one who knows the store.
result<void> rocksdb_store::replace()
{
    engine_.reset();
    const result<void> emptied = folder_.empty();
    if (!emptied) {
        return emptied;
    }
    ++replacements_;
    corrupt_ = false;
    metadata_garbage_octets_ = 0;
    return open_engine();
}

// Opens the database again as after a crash: everything that it acknowledged is in its log. Its own
// way to go on (DB::Resume) is for some errors only, and in RocksDB 7.8 may wait for a flush that
// nobody does.
void rocksdb_store::recover()
{
    const std::unique_lock lock{engine_mutex_};
    pending_.fail_all();
    engine_.reset();
    result<void> opened = corrupt_ ? replace() : open_engine();
    if (!opened && opened.error() == store_errc::corrupt) {
        opened = replace();
    }
    if (opened) {
        pay_owed();
    }
}

// Erases what must not be found again; only then the store answers again. The caller holds
// engine_mutex_.
void rocksdb_store::pay_owed()
{
    const std::lock_guard lock{owed_mutex_};
    while (!owed_.empty()) {
        if (!erase_variants(*engine_, *owed_.begin())) {
            return;
        }
        owed_.erase(owed_.begin());
    }
    failing_ = false;
}

bool rocksdb_store::owe(const key_hash& hash)
{
    const std::lock_guard lock{owed_mutex_};
    if (!failing_) {
        return false;
    }
    owed_.insert(hash);
    if (owed_.size() > max_owed) {
        owed_.clear();
        corrupt_ = true;  // more than can be remembered: the store begins anew, without any of them
    }
    return true;
}

}  // namespace cache
