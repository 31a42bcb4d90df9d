// The file system as RocksDB sees it, with every octet counted.

#pragma once

#include "cache/store/disk_meter.hpp"

#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <string>

namespace rocksdb {
class FileSystem;
}

namespace cache {

// Counts what is written into meter; asks write_fault, if there is one, before each write. Both
// must outlive it. For the engine and its tests only.
std::shared_ptr<rocksdb::FileSystem> make_metered_file_system(disk_meter& meter,
    std::function<boost::system::error_code(const std::string& path)> write_fault);

}  // namespace cache
