// The objects that are being written.

#pragma once

#include "cache/store/store.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

namespace cache {

// Checks that chunks come in order, adds them up, and holds a first chunk back as long as it may be
// the whole of a small body, which belongs into the metadata record. Thread-safe; the calls for one
// object come one after the other.
class pending_objects
{
public:
    pending_objects(std::size_t capacity, std::uint64_t max_object_octets);

    boost::system::result<void> open(object_id id);

    enum class action
    {
        hold,   // the chunk is kept here: it goes with the metadata
        write,  // the caller writes it and then says written()
    };
    boost::system::result<action> stage(
        object_id id, std::uint64_t index, std::span<const char> chunk);
    void written(object_id id);

    // Nothing more will come of any that is open: what was written of them is gone or in doubt.
    void fail_all();

    // What there is to be committed: the octets of all chunks, and the body if it was held back.
    struct totals
    {
        std::uint64_t body_octets = 0;
        std::optional<std::string> inline_body;
    };
    boost::system::result<totals> finish(object_id id) const;

    // The octets of a chunk that is held back.
    std::optional<std::string> held_chunk(object_id id, std::uint64_t index) const;

    bool contains(object_id id) const;

    // Returns whether something of it was written, or may have been.
    bool close(object_id id);

private:
    struct object
    {
        std::uint64_t chunks = 0;
        std::uint64_t body_octets = 0;
        std::optional<std::string> held;
        bool on_disk = false;   // something was written, or may have been
        bool writing = false;   // stage() asked for a write that is not known to have succeeded
        bool last_full = true;  // the chunk before the next one has its full length
        bool failed = false;
    };

    std::size_t capacity_;
    std::uint64_t max_object_octets_;
    mutable std::mutex mutex_;
    std::unordered_map<object_id, object> objects_;
};

}  // namespace cache
