// Where responses are kept on disk. Blocking: called from the threads of proxy/net/storage_pool
// only.

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/purge.hpp"
#include "cache/policy/stored_response.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cache {

// Names one stored body; never used twice in the life of a store.
using object_id = std::uint64_t;

// Bodies are cut into chunks of this size; only the last one is shorter.
inline constexpr std::size_t body_chunk_octets = 128 * 1024;

struct stored_object
{
    object_id id = 0;
    stored_response response;

    // The whole body, if it is small: it came with the metadata, and there are no chunks to read.
    std::optional<std::string> inline_body;
};

struct store_usage
{
    std::uint64_t octets = 0;        // everything on disk: data, logs, files waiting to be deleted
    std::uint64_t limit_octets = 0;  // the quota
    std::uint64_t objects = 0;       // an estimate
    std::uint64_t evicted_octets = 0;
    std::uint64_t damaged_records = 0;  // found while reading, never served
    std::uint64_t replacements = 0;     // times a store beyond repair was emptied
    bool failing = false;  // nothing is stored or found until the disk recovers (a pass-through)
};

// Thread-safe: every function may be called from any thread at any time, but the calls for one
// object that is being written come one after the other. Errors are values of store_errc
// (errc.hpp); a damaged record is never returned: it counts as absent, is removed, and is counted.
//
// Life of an object: begin() reserves an id; append() adds chunks in order; commit() makes it
// visible in one atomic batch with the metadata last, replacing the variant it supersedes. What is
// not committed does not exist: abort() or the next start removes it. An append() or commit() that
// failed is followed by abort().
class store
{
public:
    virtual ~store() = default;

    // Every stored variant of the key, newest first; empty if there is none.
    virtual boost::system::result<std::vector<stored_object>> lookup(const cache_key& key) = 0;

    // A body's chunk, verified. index counts from zero. An object that is being written can be read
    // as far as it was appended; one that was replaced or erased, until it is evicted.
    virtual boost::system::result<std::string> read_chunk(object_id id, std::uint64_t index) = 0;

    virtual boost::system::result<object_id> begin() = 0;

    // Every chunk but the last has body_chunk_octets. Waits a moment if room must be made.
    virtual boost::system::result<void> append(
        object_id id, std::uint64_t index, std::span<const char> chunk) = 0;

    // response.body_octets must be the sum of the appended chunks. Stored variants whose selecting
    // fields equal those of response are replaced.
    virtual boost::system::result<void> commit(
        const cache_key& key, object_id id, const stored_response& response) = 0;
    virtual void abort(object_id id) = 0;

    // Replaces the metadata of an object that is still stored (a 304 updated it, RFC 9111,
    // section 3.2, or it was invalidated, section 4.4). If that cannot be written, the key is
    // erased before the store answers again.
    virtual boost::system::result<void> freshen(
        const cache_key& key, object_id id, const stored_response& response) = 0;

    // Removes every variant of every key with this URL, whatever its Origin (RFC 9111,
    // section 4.4): at once, or before the store answers again.
    virtual boost::system::result<void> erase(const cache_key& key) = 0;

    // The same; and from now on nothing is committed under this URL that was asked for at `now` or
    // before.
    virtual boost::system::result<void> invalidate(const cache_key& key, wall_time now) = 0;

    // Removes every stored response that the order is about, or marks it outdated; how many. Looks
    // at all of them. From now on none is committed that was asked for at `now` or before.
    virtual boost::system::result<std::uint64_t> purge(const purge_order& order, wall_time now) = 0;

    virtual store_usage usage() const = 0;
};

}  // namespace cache
