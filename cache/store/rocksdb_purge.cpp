#include "cache/store/rocksdb_store.hpp"

#include "cache/store/errc.hpp"
#include "cache/store/record_codec.hpp"
#include "cache/store/record_keys.hpp"

#include <utility>

namespace cache {
namespace {

using boost::system::result;

// What follows a URL in a key: an Origin, or what is kept beside it.
std::string_view url_in(std::string_view key_text)
{
    return key_text.substr(0, key_text.find_first_of(" \n"));
}

bool is_meant(const result<metadata_record>& record, const purge_order& order)
{
    return record && concerns(order, url_in(record->key_text), record->object.response.fields);
}

}  // namespace

result<void> rocksdb_store::invalidate(const cache_key& key, wall_time now)
{
    purges_.add({purge_scope::url, std::string{key.url()}}, now);
    return erase(key);
}

result<std::uint64_t> rocksdb_store::purge(const purge_order& order, wall_time now)
{
    purges_.add(order, now);
    // A commit that has not seen it writes before we look.
    for (std::mutex& mutex : key_mutexes_) {
        const std::lock_guard lock{mutex};
    }
    constexpr std::size_t at_once = 256;
    std::uint64_t purged = 0;
    std::string last;
    for (;;) {
        std::vector<rocksdb_engine::entry> entries;
        {
            result<engine_use> used = use();
            if (!used) {
                return used.error();
            }
            auto walked = used->engine->walk(column::metadata, last, at_once);
            if (!walked) {
                return fail(walked.error());
            }
            entries = *std::move(walked);
        }
        if (entries.empty()) {
            return purged;
        }
        for (const auto& [record_key, record] : entries) {
            const result<std::uint64_t> done = purge_record(record_key, record, order);
            if (!done) {
                return done.error();
            }
            purged += *done;
        }
        last = std::move(entries.back().first);
    }
}

// It was seen without its lock: under it, it is read again.
result<std::uint64_t> rocksdb_store::purge_record(
    const std::string& record_key, const std::string& seen, const purge_order& order)
{
    const result<metadata_record> before = decode_metadata(seen);
    if (!is_meant(before, order)) {
        return 0;
    }
    const std::lock_guard key_lock{mutex_of(hash_of(url_in(before->key_text)))};
    result<engine_use> used = use();
    if (!used) {
        return used.error();
    }
    const result<std::string> stored = used->engine->get(column::metadata, record_key);
    if (!stored) {
        return 0;  // replaced or evicted
    }
    result<metadata_record> record = decode_metadata(*stored);
    const object_id id = id_of_metadata_key(record_key).value_or(0);
    if (!is_meant(record, order) || id < floor_) {
        return 0;
    }
    engine_batch batch;
    if (order.is_soft) {
        record->object.response.outdated = true;
        const std::optional<std::string>& body = record->object.inline_body;
        result<std::string> changed = encode_metadata(record->key_text,
            id,
            record->object.response,
            body ? std::optional<std::string_view>{*body} : std::nullopt);
        if (!changed) {
            return changed.error();
        }
        batch.put(column::metadata, record_key, *std::move(changed));
    } else {
        batch.erase(column::metadata, record_key);
        const std::lock_guard lock{ledger_mutex_};
        ledger_.remove_object(id);
    }
    const result<void> written = used->engine->write(batch);
    if (!written) {
        return fail(written.error());
    }
    return 1;
}

}  // namespace cache
