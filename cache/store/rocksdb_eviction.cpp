// How a rocksdb_store keeps its quota.

#include "cache/store/errc.hpp"
#include "cache/store/record_keys.hpp"
#include "cache/store/rocksdb_store.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace cache {
namespace {

using boost::system::error_code;
using boost::system::result;

// How often someone who waits for room looks for it: files also go away without notice.
constexpr std::chrono::milliseconds room_poll{5};
constexpr std::chrono::milliseconds keeper_poll{1'000};

// RocksDB's own books: a manifest being replaced by the next one, its options.
constexpr std::uint64_t books_octets = 2 << 20;

// Of what an epoch frees, the share that may be written again for objects that were read lately.
constexpr std::uint64_t rescue_divisor = 2;

}  // namespace

// What the file system has beyond what is needed to bring to an end what was begun: a disk that
// others fill up, or that is smaller than the quota, makes the store shrink instead of fail.
std::uint64_t rocksdb_store::room_on_disk() const
{
    std::error_code failure;
    const std::filesystem::space_info disk = std::filesystem::space(folder_.database(), failure);
    const std::uint64_t floor = 4 * write_buffer_octets_ + books_octets + 2 * reserved_octets_;
    if (failure) {
        return options_.quota_octets;
    }
    return disk.available > floor ? disk.available - floor : 0;
}

// What may still be written, each octet counted twice: it goes into the log, and from there into a
// file before the log is removed. What a compaction writes before it removes its input is set
// aside. The caller holds keeper_mutex_.
std::uint64_t rocksdb_store::free_octets() const
{
    const std::uint64_t set_aside = 2 * write_buffer_octets_ + books_octets + folder_octets;
    const std::uint64_t used =
        meter_.octets() + meter_.log_octets() + 2 * reserved_octets_ + set_aside;
    const std::uint64_t in_quota = used < options_.quota_octets ? options_.quota_octets - used : 0;
    return std::min(in_quota, room_on_disk()) / 2;
}

// Begins while there is still room, so that writers need not wait for it.
bool rocksdb_store::should_evict() const
{
    return free_octets() < 2 * epoch_octets_;
}

result<void> rocksdb_store::reserve(std::uint64_t octets)
{
    const auto deadline = std::chrono::steady_clock::now() + options_.room_wait;
    std::unique_lock lock{keeper_mutex_};
    if (should_evict()) {
        wake_keeper_.notify_all();
    }
    // What rescue() may write is not for writers.
    const std::uint64_t wanted = octets + epoch_octets_ / rescue_divisor;
    while (free_octets() < wanted) {
        if (failing_ || stopping_) {
            return error_code{store_errc::failing};
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return error_code{store_errc::over_quota};
        }
        room_.wait_for(lock, room_poll);
    }
    reserved_octets_ += octets;
    return {};
}

void rocksdb_store::unreserve(std::uint64_t octets)
{
    const std::lock_guard lock{keeper_mutex_};
    reserved_octets_ -= octets;
}

// The keeper's thread.
void rocksdb_store::keep()
{
    std::unique_lock lock{keeper_mutex_};
    bool told = false;  // that it is failing
    while (!stopping_) {
        // Failures begin on any thread but end on this one alone: told here, nothing is overtaken
        // by its opposite.
        if (failing_ != told && options_.on_trouble) {
            told = !told;
            const error_code reason = told ? failure_ : error_code{};
            lock.unlock();
            options_.on_trouble(reason);
            lock.lock();
        }
        if (failing_) {
            lock.unlock();
            recover();
            lock.lock();
            if (failing_) {
                wake_keeper_.wait_for(lock, options_.retry_interval, [this] { return stopping_; });
            }
        } else if (should_evict()) {
            lock.unlock();
            const bool freed = evict_epoch();
            lock.lock();
            room_.notify_all();
            if (!freed) {
                // Others have filled the disk.
                wake_keeper_.wait_for(lock, keeper_poll, [this] { return stopping_ || failing_; });
            }
        } else {
            wake_keeper_.wait_for(
                lock, keeper_poll, [this] { return stopping_ || failing_ || should_evict(); });
        }
    }
}

// False if there was nothing to evict.
bool rocksdb_store::evict_epoch()
{
    result<engine_use> used = use();
    if (!used) {
        return false;
    }
    object_id below = 0;
    std::uint64_t frees = 0;
    {
        const std::lock_guard lock{ledger_mutex_};
        frees = ledger_.oldest().octets();
        below = ledger_.end_of_oldest();
    }
    const std::uint64_t before = meter_.octets();
    rescue(*used->engine, below, frees / rescue_divisor);
    const result<void> raised = raise_floor(*used->engine);
    const result<void> reclaimed = raised ? reclaim(*used->engine) : raised;
    if (!reclaimed) {
        fail(reclaimed.error());
    }
    return frees != 0 || meter_.octets() < before;
}

// Evicts the oldest epoch: from now on nothing of it is found.
result<void> rocksdb_store::raise_floor(rocksdb_engine& engine)
{
    const result<object_id> next = next_id(engine);  // above every id in use, if there is one epoch
    if (!next) {
        return next.error();
    }
    engine_batch batch;
    {
        const std::lock_guard lock{ledger_mutex_};
        const eviction_ledger::eviction done = ledger_.evict(*next + 1);
        floor_ = done.floor;
        metadata_garbage_octets_ += done.evicted.metadata_octets;
        batch.put(column::ledger, ledger_key(ledger_entry::floor), encode_number(done.floor));
        batch.erase(column::ledger, ledger_key(ledger_entry::epoch, done.evicted.first));
    }
    return engine.write(batch);
}

// Bodies are in the order of their ids: only the oldest tables are looked at. Metadata is in the
// order of hashes: all its tables are, so it is done for a whole epoch's worth at once.
result<void> rocksdb_store::reclaim(rocksdb_engine& engine)
{
    const result<void> bodies = engine.reclaim(column::body, {}, body_key(floor_, 0));
    if (!bodies || metadata_garbage_octets_ < epoch_octets_ / 2) {
        return bodies;
    }
    metadata_garbage_octets_ = 0;
    return engine.reclaim(column::metadata, {}, {});
}

// Writes objects that were read lately again, under new ids.
void rocksdb_store::rescue(rocksdb_engine& engine, object_id below, std::uint64_t budget_octets)
{
    for (const auto& [id, hash] : recent_.take_below(below)) {
        const std::uint64_t written = rescue_object(engine, id, hash, budget_octets);
        budget_octets -= std::min(written, budget_octets);
    }
}

// Returns the octets written.
std::uint64_t rocksdb_store::rescue_object(
    rocksdb_engine& engine, object_id id, const key_hash& hash, std::uint64_t budget_octets)
{
    const std::string old_key = metadata_key(hash, id);
    const result<std::string> stored = engine.get(column::metadata, old_key);
    const result<metadata_record> record = stored ? decode_metadata(*stored) : stored.error();
    if (!record) {
        return 0;  // replaced or erased since it was read, or damaged
    }
    const stored_object& object = record->object;
    const bool has_chunks = !object.inline_body;
    const std::uint64_t octets =
        stored->size() + (has_chunks ? object.response.body_octets : std::uint64_t{0});
    if (octets > budget_octets) {
        return 0;
    }
    const result<object_id> fresh = next_id(engine);
    if (!fresh || (has_chunks && !copy_body(engine, id, *fresh, object.response.body_octets))) {
        return 0;
    }
    result<std::string> copy = encode_metadata(record->key_text,
        *fresh,
        object.response,
        object.inline_body ? std::optional<std::string_view>{*object.inline_body} : std::nullopt);
    if (!copy) {
        return 0;
    }
    const std::lock_guard key_lock{mutex_of(hash)};
    const result<std::string> still = engine.get(column::metadata, old_key);
    engine_batch batch;
    batch.erase(column::ledger, ledger_key(ledger_entry::writing, *fresh));
    if (still && *still == *stored) {
        batch.erase(column::metadata, old_key);
        batch.put(column::metadata, metadata_key(hash, *fresh), std::move(*copy));
        {
            const std::lock_guard lock{ledger_mutex_};
            ledger_.add_object(*fresh, stored->size());
        }
        put_epoch(batch, *fresh);
    }
    if (engine.write(batch)) {
        moved_.move(id, *fresh);
    }
    return octets;
}

bool rocksdb_store::copy_body(
    rocksdb_engine& engine, object_id from, object_id to, std::uint64_t body_octets)
{
    const std::uint64_t chunks = (body_octets + body_chunk_octets - 1) / body_chunk_octets;
    for (std::uint32_t index = 0; index != chunks; ++index) {
        const result<std::string> sealed = engine.get(column::body, body_key(from, index));
        const result<std::size_t> length =
            sealed ? check_chunk(from, index, *sealed) : sealed.error();
        if (!length || !write_chunk(engine, to, index, {sealed->data(), *length})) {
            return false;
        }
    }
    return true;
}

}  // namespace cache
