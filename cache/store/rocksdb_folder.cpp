#include "cache/store/rocksdb_folder.hpp"

#include "cache/store/errc.hpp"

#include <rocksdb/env.h>

#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace cache {
namespace {

using boost::system::error_code;
using boost::system::result;
namespace fs = std::filesystem;

constexpr const char* format_file = "FORMAT";
constexpr const char* lock_file = "LOCK";
constexpr const char* format_text = "atoll store 1\n";
constexpr const char* format_prefix = "atoll store ";

// What the folder's mark says; empty if there is none.
std::string read_mark(const fs::path& path)
{
    std::ifstream in{path / format_file, std::ios::binary};
    std::string text(64, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

// Renamed into place, so that a crash leaves the old mark or the new one.
bool write_mark(const fs::path& path)
{
    const fs::path temporary = path / (std::string{format_file} + ".new");
    {
        std::ofstream out{temporary, std::ios::binary | std::ios::trunc};
        out << format_text;
        out.close();
        if (!out) {
            return false;
        }
    }
    std::error_code failure;
    fs::rename(temporary, path / format_file, failure);
    return !failure;
}

// A folder with a lock and nothing else is one whose first start was cut short.
bool is_ours_or_new(const fs::path& path, std::error_code& failure)
{
    if (read_mark(path).starts_with(format_prefix)) {
        return true;
    }
    for (fs::directory_iterator entry{path, failure}, end; !failure && entry != end;
         entry.increment(failure)) {
        const std::string name = entry->path().filename().string();
        if (name != lock_file && name != std::string{format_file} + ".new") {
            return false;
        }
    }
    return true;
}

}  // namespace

result<store_folder> store_folder::acquire(const fs::path& path)
{
    std::error_code failure;
    fs::create_directories(path, failure);
    std::error_code ignored;
    if (fs::exists(path, ignored) && !fs::is_directory(path, ignored)) {
        return error_code{store_errc::not_a_folder};
    }
    if (failure) {
        return error_code{failure.value(), boost::system::system_category()};
    }
    const bool usable = is_ours_or_new(path, failure);
    if (failure) {
        return error_code{failure.value(), boost::system::system_category()};
    }
    if (!usable) {
        return error_code{store_errc::not_a_store};
    }
    rocksdb::FileLock* lock = nullptr;
    const rocksdb::Status locked =
        rocksdb::Env::Default()->LockFile((path / lock_file).string(), &lock);
    if (!locked.ok()) {
        // RocksDB says the same for a lock that is held and a file that cannot be opened.
        std::ofstream probe{path / lock_file, std::ios::app};
        return error_code{probe ? store_errc::locked : store_errc::unreadable};
    }
    store_folder acquired{path, lock};
    if (read_mark(path).empty()) {
        const result<void> marked = acquired.empty();
        if (!marked) {
            return marked.error();
        }
    }
    return acquired;
}

result<void> store_folder::check_format() const
{
    if (read_mark(path_) != format_text) {
        return error_code{store_errc::unknown_format};
    }
    return {};
}

result<void> store_folder::empty() const
{
    std::error_code failure;
    fs::remove_all(database(), failure);
    if (failure) {
        return error_code{store_errc::unreadable};
    }
    if (!write_mark(path_)) {
        return error_code{store_errc::unreadable};
    }
    return {};
}

store_folder::store_folder(fs::path path, void* lock) : path_{std::move(path)}, lock_{lock}
{
}

store_folder::store_folder(store_folder&& from) noexcept
    : path_{std::move(from.path_)}, lock_{std::exchange(from.lock_, nullptr)}
{
}

store_folder& store_folder::operator=(store_folder&& from) noexcept
{
    if (this != &from) {
        release();
        path_ = std::move(from.path_);
        lock_ = std::exchange(from.lock_, nullptr);
    }
    return *this;
}

store_folder::~store_folder()
{
    release();
}

void store_folder::release() noexcept
{
    if (lock_ != nullptr) {
        rocksdb::Env::Default()
            ->UnlockFile(static_cast<rocksdb::FileLock*>(std::exchange(lock_, nullptr)))
            .PermitUncheckedError();
    }
}

}  // namespace cache
