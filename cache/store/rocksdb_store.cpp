#include "cache/store/rocksdb_store.hpp"

#include "cache/store/errc.hpp"
#include "cache/store/octets.hpp"
#include "cache/store/record_keys.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace cache {
namespace {

using boost::system::error_code;
using boost::system::result;

// A key with more variants than this is one whose origin varies by everything: the oldest goes.
constexpr std::size_t max_variants = 32;

// Counted for a metadata record beside its own octets: keys, tables, and the log of the batch.
constexpr std::uint64_t record_overhead_octets = 512;

constexpr std::size_t max_condemned = 4096;

}  // namespace

result<rocksdb_store::engine_use> rocksdb_store::use()
{
    if (failing_) {
        return error_code{store_errc::failing};
    }
    engine_use used{std::shared_lock{engine_mutex_}, nullptr};
    if (!engine_) {
        return error_code{store_errc::failing};
    }
    used.engine = engine_.get();
    return used;
}

error_code rocksdb_store::fail(error_code reason)
{
    if (reason == store_errc::damaged) {
        corrupt_ = true;
    }
    {
        const std::lock_guard lock{keeper_mutex_};
        if (!failing_.exchange(true)) {
            failure_ = reason;
        }
    }
    wake_keeper_.notify_all();
    room_.notify_all();
    return reason;
}

result<std::vector<stored_object>> rocksdb_store::lookup(const cache_key& key)
{
    result<engine_use> used = use();
    if (!used) {
        return used.error();
    }
    const key_hash hash = hash_of(key.url());
    variants found = find_variants(*used->engine, hash, key.text());
    drop_damaged(*used->engine, hash, found);
    std::vector<stored_object> objects;
    objects.reserve(found.sound.size());
    for (variant& each : found.sound) {
        recent_.touch(each.id, hash);
        objects.push_back(std::move(each.record.object));
    }
    return objects;
}

rocksdb_store::variants rocksdb_store::find_variants(
    rocksdb_engine& engine, const key_hash& hash, const std::string& key_text)
{
    variants found;
    auto entries =
        engine.scan(column::metadata, metadata_key(hash, floor_), view(hash), 2 * max_variants);
    if (!entries) {
        ++damaged_records_;
        found.readable = false;
        return found;
    }
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
        auto& [record_key, value] = *entry;
        const std::optional<object_id> id = id_of_metadata_key(record_key);
        result<metadata_record> record = decode_metadata(value);
        bool sound = id && record && record->object.id == *id;
        if (sound) {
            const std::lock_guard lock{condemned_mutex_};
            sound = !condemned_.contains(*id);
        }
        if (!sound) {
            found.damaged.push_back(std::move(record_key));
        } else if (record->key_text == key_text) {
            found.sound.push_back({std::move(record_key), *id, std::move(*record)});
        }
    }
    return found;
}

// Whether that succeeds is of no consequence: what is damaged now is damaged at the next lookup.
void rocksdb_store::drop_damaged(
    rocksdb_engine& engine, const key_hash& hash, const variants& found)
{
    if (found.readable && found.damaged.empty()) {
        return;
    }
    const std::lock_guard key_lock{mutex_of(hash)};
    engine_batch batch;
    if (!found.readable) {
        batch.erase_range(column::metadata,
            metadata_key(hash, 0),
            metadata_key(hash, std::numeric_limits<object_id>::max()));
    }
    for (const std::string& record_key : found.damaged) {
        batch.erase(column::metadata, record_key);
    }
    const result<void> written = engine.write(batch);
    if (!written) {
        fail(written.error());
        return;
    }
    damaged_records_ += found.damaged.size();
    const std::lock_guard lock{condemned_mutex_};
    for (const std::string& record_key : found.damaged) {
        condemned_.erase(id_of_metadata_key(record_key).value_or(0));
    }
}

result<std::string> rocksdb_store::read_chunk(object_id id, std::uint64_t index)
{
    result<engine_use> used = use();
    if (!used) {
        return used.error();
    }
    const object_id now = moved_.now(id);
    if (now < floor_ || index > std::numeric_limits<std::uint32_t>::max()) {
        return error_code{store_errc::not_found};
    }
    const auto narrow_index = static_cast<std::uint32_t>(index);
    result<std::string> sealed = used->engine->get(column::body, body_key(now, narrow_index));
    if (!sealed && sealed.error() == store_errc::not_found) {
        if (std::optional<std::string> held = pending_.held_chunk(id, index)) {
            return std::move(*held);
        }
        return sealed.error();
    }
    const result<std::size_t> length =
        sealed ? check_chunk(now, narrow_index, *sealed) : sealed.error();
    if (!length) {
        ++damaged_records_;
        condemn(now);
        return error_code{store_errc::damaged};
    }
    sealed->resize(*length);
    return sealed;
}

void rocksdb_store::condemn(object_id id)
{
    const std::lock_guard lock{condemned_mutex_};
    if (condemned_.size() < max_condemned) {
        condemned_.insert(id);
    }
}

result<object_id> rocksdb_store::next_id(rocksdb_engine& engine)
{
    const std::lock_guard lock{id_mutex_};
    if (next_id_ >= id_bound_) {
        engine_batch batch;
        const object_id bound = next_id_ + id_block;
        batch.put(column::ledger, ledger_key(ledger_entry::id_bound), encode_number(bound));
        const result<void> written = engine.write(batch);
        if (!written) {
            return fail(written.error());
        }
        id_bound_ = bound;
    }
    const object_id id = next_id_++;
    const std::lock_guard ledger_lock{ledger_mutex_};
    ledger_.advance(id);
    return id;
}

result<object_id> rocksdb_store::begin()
{
    result<engine_use> used = use();
    if (!used) {
        return used.error();
    }
    const result<object_id> id = next_id(*used->engine);
    if (!id) {
        return id.error();
    }
    const result<void> opened = pending_.open(*id);
    if (!opened) {
        return opened.error();
    }
    return *id;
}

result<void> rocksdb_store::append(object_id id, std::uint64_t index, std::span<const char> chunk)
{
    const result<pending_objects::action> action = pending_.stage(id, index, chunk);
    if (!action) {
        return action.error();
    }
    if (*action == pending_objects::action::hold) {
        return {};
    }
    const std::uint64_t octets = chunk.size() + record_overhead_octets;
    const result<void> reserved = reserve(octets);
    if (!reserved) {
        return reserved.error();
    }
    result<engine_use> used = use();
    const result<void> written =
        used ? write_chunk(*used->engine, id, static_cast<std::uint32_t>(index), chunk)
             : used.error();
    unreserve(octets);
    if (written) {
        pending_.written(id);
    }
    return written;
}

result<void> rocksdb_store::write_chunk(
    rocksdb_engine& engine, object_id id, std::uint32_t index, std::span<const char> chunk)
{
    if (id < floor_) {
        return error_code{store_errc::over_quota};
    }
    const chunk_trailer trailer = seal_chunk(id, index, chunk);
    engine_batch batch;
    batch.put_view(column::body,
        body_key(id, index),
        {chunk.data(), chunk.size()},
        {trailer.data(), trailer.size()});
    if (index == 0) {
        batch.put(column::ledger, ledger_key(ledger_entry::writing, id), {});
    }
    const result<void> written = engine.write(batch);
    if (!written) {
        return fail(written.error());
    }
    const std::lock_guard lock{ledger_mutex_};
    ledger_.add_body(id, chunk.size());
    return {};
}

result<void> rocksdb_store::commit(
    const cache_key& key, object_id id, const stored_response& response)
{
    const result<pending_objects::totals> totals = pending_.finish(id);
    if (!totals) {
        return totals.error();
    }
    if (totals->body_octets != response.body_octets) {
        return error_code{store_errc::wrong_length};
    }
    result<std::string> record = encode_metadata(key.text(), id, response, totals->inline_body);
    if (!record) {
        return record.error();
    }
    const std::uint64_t octets = record->size() + record_overhead_octets;
    const result<void> reserved = reserve(octets);
    if (!reserved) {
        return reserved.error();
    }
    const result<void> written = write_metadata(key, id, response, std::move(*record));
    unreserve(octets);
    if (written) {
        pending_.close(id);
    }
    return written;
}

result<void> rocksdb_store::write_metadata(
    const cache_key& key, object_id id, const stored_response& response, std::string record)
{
    result<engine_use> used = use();
    if (!used) {
        return used.error();
    }
    if (id < floor_) {
        return error_code{store_errc::over_quota};
    }
    const key_hash hash = hash_of(key.url());
    const std::lock_guard key_lock{mutex_of(hash)};
    if (purges_.cover(key.url(), response.fields, response.request_time)) {
        return error_code{store_errc::purged};
    }
    variants found = find_variants(*used->engine, hash, key.text());
    engine_batch batch;
    if (!found.readable) {
        // One that cannot be read hides those behind it, the new one too.
        batch.erase_range(column::metadata, metadata_key(hash, 0), metadata_key(hash, id));
    }
    std::size_t kept = 1;
    for (const variant& old : found.sound) {
        const bool replaced =
            old.record.object.response.selecting_fields == response.selecting_fields;
        if (replaced || ++kept > max_variants) {
            batch.erase(column::metadata, old.record_key);
            const std::lock_guard lock{ledger_mutex_};
            ledger_.remove_object(old.id);
        }
    }
    {
        const std::lock_guard lock{ledger_mutex_};
        ledger_.add_object(id, record.size() + record_overhead_octets);
    }
    batch.put(column::metadata, metadata_key(hash, id), std::move(record));
    batch.erase(column::ledger, ledger_key(ledger_entry::writing, id));
    put_epoch(batch, id);
    const result<void> written = used->engine->write(batch);
    if (!written) {
        return fail(written.error());
    }
    return {};
}

void rocksdb_store::abort(object_id id)
{
    if (!pending_.close(id)) {
        return;
    }
    result<engine_use> used = use();
    if (!used) {
        return;  // the next start finds the mark of an object that was being written
    }
    engine_batch batch;
    batch.erase_range(column::body, body_key(id, 0), body_key(id + 1, 0));
    batch.erase(column::ledger, ledger_key(ledger_entry::writing, id));
    const result<void> written = used->engine->write(batch);
    if (!written) {
        fail(written.error());
    }
}

result<void> rocksdb_store::freshen(
    const cache_key& key, object_id id, const stored_response& response)
{
    const key_hash hash = hash_of(key.url());
    const std::lock_guard key_lock{mutex_of(hash)};
    const result<void> freshened = rewrite_metadata(key, hash, moved_.now(id), response);
    if (!freshened && freshened.error() != store_errc::not_found) {
        // What is stored would go on being used as if nothing had been learned about it.
        erase_or_owe(hash).has_value();
    }
    return freshened;
}

result<void> rocksdb_store::rewrite_metadata(
    const cache_key& key, const key_hash& hash, object_id id, const stored_response& response)
{
    result<engine_use> used = use();
    if (!used) {
        return used.error();
    }
    if (id < floor_) {
        return error_code{store_errc::not_found};
    }
    const std::string record_key = metadata_key(hash, id);
    const result<std::string> stored = used->engine->get(column::metadata, record_key);
    if (!stored) {
        return stored.error();
    }
    const result<metadata_record> old = decode_metadata(*stored);
    if (!old) {
        return old.error();
    }
    if (old->key_text != key.text()) {
        return error_code{store_errc::not_found};
    }
    stored_response fresh = response;
    fresh.body_octets = old->object.response.body_octets;
    const std::optional<std::string>& body = old->object.inline_body;
    result<std::string> record = encode_metadata(
        key.text(), id, fresh, body ? std::optional<std::string_view>{*body} : std::nullopt);
    if (!record) {
        return record.error();
    }
    engine_batch batch;
    batch.put(column::metadata, record_key, std::move(*record));
    const result<void> written = used->engine->write(batch);
    if (!written) {
        return fail(written.error());
    }
    return {};
}

result<void> rocksdb_store::erase(const cache_key& key)
{
    const key_hash hash = hash_of(key.url());
    const std::lock_guard key_lock{mutex_of(hash)};
    return erase_or_owe(hash);
}

result<void> rocksdb_store::erase_or_owe(const key_hash& hash)
{
    // Ends: a failure that is not owed means that the store has recovered in between.
    for (;;) {
        result<engine_use> used = use();
        if (used) {
            const result<void> erased = erase_variants(*used->engine, hash);
            if (erased) {
                return erased;
            }
            fail(erased.error());
        }
        if (owe(hash)) {
            return error_code{store_errc::failing};
        }
    }
}

result<void> rocksdb_store::erase_variants(rocksdb_engine& engine, const key_hash& hash)
{
    engine_batch batch;
    const auto entries =
        engine.scan(column::metadata, metadata_key(hash, floor_), view(hash), 2 * max_variants);
    if (!entries || entries->size() == 2 * max_variants) {
        batch.erase_range(column::metadata,
            metadata_key(hash, 0),
            metadata_key(hash, std::numeric_limits<object_id>::max()));
        return engine.write(batch);
    }
    if (entries->empty()) {
        return {};
    }
    for (const rocksdb_engine::entry& entry : *entries) {
        batch.erase(column::metadata, entry.first);
        const std::lock_guard lock{ledger_mutex_};
        ledger_.remove_object(id_of_metadata_key(entry.first).value_or(0));
    }
    return engine.write(batch);
}

std::mutex& rocksdb_store::mutex_of(const key_hash& hash)
{
    return key_mutexes_[static_cast<unsigned char>(hash.front()) % key_mutexes_.size()];
}

void rocksdb_store::put_epoch(engine_batch& batch, object_id id)
{
    const std::lock_guard lock{ledger_mutex_};
    if (const std::optional<eviction_ledger::epoch> epoch = ledger_.epoch_of(id)) {
        batch.put(
            column::ledger, ledger_key(ledger_entry::epoch, epoch->first), encode_epoch(*epoch));
    }
}

store_usage rocksdb_store::usage() const
{
    store_usage now;
    now.octets = meter_.octets() + folder_octets;
    now.limit_octets = options_.quota_octets;
    now.damaged_records = damaged_records_;
    now.replacements = replacements_;
    now.failing = failing_;
    const std::lock_guard lock{ledger_mutex_};
    now.objects = ledger_.objects();
    now.evicted_octets = ledger_.evicted_octets();
    return now;
}

}  // namespace cache
