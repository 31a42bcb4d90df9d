#include "cache/store/errc.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace cache {
namespace {

class category final : public boost::system::error_category
{
public:
    const char* name() const noexcept override { return "cache.store"; }
    std::string message(int value) const override { return text(static_cast<store_errc>(value)); }

private:
    static const char* text(store_errc value)
    {
        switch (value) {
        case store_errc::not_found: return "there is no such object in the store";
        case store_errc::damaged: return "the stored object is damaged";
        case store_errc::failing: return "the store is passed by until its disk recovers";
        case store_errc::over_quota: return "the store is full and could not make room in time";
        case store_errc::object_too_large: return "the body is too large for this store";
        case store_errc::record_too_large: return "the head of the response is too large to store";
        case store_errc::too_many_writers: return "too many objects are being stored at once";
        case store_errc::purged: return "what was stored was purged meanwhile";
        case store_errc::out_of_order: return "a chunk of the body is not the next one";
        case store_errc::wrong_length: return "the body is not as long as its head says";
        case store_errc::no_space: return "the disk is full";
        case store_errc::io_failure: return "the disk refuses";
        case store_errc::locked: return "another process has the store open";
        case store_errc::unreadable: return "the store's folder cannot be read or written";
        case store_errc::not_a_folder: return "that is a file, not a folder";
        case store_errc::not_a_store: return "the folder holds files that are not a store's";
        case store_errc::unknown_format: return "another version of the program wrote the store";
        case store_errc::corrupt: return "the store's files are damaged";
        }
        return "unknown error of the store";
    }
};

}  // namespace

const boost::system::error_category& store_category()
{
    static const category instance;
    return instance;
}

boost::system::error_code make_error_code(store_errc value)
{
    return {static_cast<int>(value), store_category()};
}

}  // namespace cache
