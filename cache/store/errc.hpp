// What can go wrong in the store.

#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

#include <type_traits>

namespace cache {

enum class store_errc
{
    not_found = 1,     // there is no such object or chunk, or it was evicted
    damaged,           // what was read is not what was written; it will not be found again
    failing,           // the disk refuses writes: the store is a pass-through until it recovers
    over_quota,        // no room, and eviction did not make any in time
    object_too_large,  // the body would fill more of the quota than one object may
    record_too_large,  // key, fields or selecting fields pass the limits of a record
    too_many_writers,  // more objects are being written than the store keeps track of
    purged,            // it was asked for before a purge that is about it
    out_of_order,      // a chunk is not the next one, or follows one that was not full
    wrong_length,      // body_octets is not the sum of the chunks, or a chunk could not be written
    no_space,          // the disk is full
    io_failure,        // the disk, or its file system, refuses
    locked,            // another process, or another store of this one, has the folder open
    unreadable,        // the folder cannot be created, listed or written to
    not_a_folder,      // there is a file where the folder should be
    not_a_store,       // the folder holds files that are not ours; nothing in it was touched
    unknown_format,    // another version of the program wrote the folder
    corrupt,           // the files on disk do not make a store
};

const boost::system::error_category& store_category();

boost::system::error_code make_error_code(store_errc value);

}  // namespace cache

template <>
struct boost::system::is_error_code_enum<cache::store_errc> : std::true_type
{
};
