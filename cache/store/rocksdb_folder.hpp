// The folder of a store: whose it is, and which format it has.

#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <filesystem>

namespace cache {

// A folder that this object, and no other process, uses as a store. It holds a lock, a file that
// says what it is, and the folder `db` with everything else. A resource: moved, not copied; the
// lock ends with it, or with the process however it ends.
class store_folder
{
public:
    // Creates the folder if there is none. Errors: not_a_folder, not_a_store (the folder has other
    // files and no mark of ours: it is left as it is), locked, unreadable (the lock or the mark
    // cannot be written), and the system's own where the folder cannot be created or listed.
    static boost::system::result<store_folder> acquire(const std::filesystem::path& path);

    store_folder(store_folder&& from) noexcept;
    store_folder& operator=(store_folder&& from) noexcept;
    store_folder(const store_folder&) = delete;
    store_folder& operator=(const store_folder&) = delete;
    ~store_folder();

    // An error, unknown_format, if another version of the program wrote what is in the folder.
    boost::system::result<void> check_format() const;

    // Removes everything that was stored and marks the folder with our format.
    boost::system::result<void> empty() const;

    std::filesystem::path database() const { return path_ / "db"; }

private:
    store_folder(std::filesystem::path path, void* lock);
    void release() noexcept;

    std::filesystem::path path_;
    void* lock_ = nullptr;  // RocksDB's handle of the lock
};

}  // namespace cache
