#include "cache/store/disk_meter.hpp"

namespace cache {
namespace {

constexpr std::uint64_t block_octets = 4096;

constexpr std::uint64_t on_disk(std::uint64_t octets)
{
    return (octets + block_octets - 1) / block_octets * block_octets;
}

}  // namespace

std::shared_ptr<disk_meter::file> disk_meter::create(const std::string& path, std::uint64_t octets)
{
    auto created = std::make_shared<file>();
    created->is_log_ = path.ends_with(".log");
    const std::lock_guard lock{mutex_};
    std::shared_ptr<file>& place = files_[path];
    if (place) {
        forget(*place);
    }
    place = created;
    created->octets_ = octets;
    account(*created, 0, octets);
    return created;
}

std::shared_ptr<disk_meter::file> disk_meter::find(const std::string& path) const
{
    const std::lock_guard lock{mutex_};
    const auto found = files_.find(path);
    return found == files_.end() ? nullptr : found->second;
}

void disk_meter::resize(file& resized, std::uint64_t octets)
{
    const std::lock_guard lock{mutex_};
    const std::uint64_t before = resized.octets_.exchange(octets);
    if (resized.exists_) {
        account(resized, before, octets);
    }
}

void disk_meter::rename(const std::string& from, const std::string& to)
{
    const std::lock_guard lock{mutex_};
    const auto found = files_.find(from);
    if (found == files_.end()) {
        return;
    }
    const std::shared_ptr<file> moved = found->second;
    files_.erase(found);
    std::shared_ptr<file>& place = files_[to];
    if (place) {
        forget(*place);
    }
    place = moved;
}

void disk_meter::remove(const std::string& path)
{
    const std::lock_guard lock{mutex_};
    const auto found = files_.find(path);
    if (found != files_.end()) {
        forget(*found->second);
        files_.erase(found);
    }
}

void disk_meter::clear()
{
    const std::lock_guard lock{mutex_};
    for (const auto& [path, gone] : files_) {
        forget(*gone);
    }
    files_.clear();
}

void disk_meter::account(const file& counted, std::uint64_t before, std::uint64_t after)
{
    // Unsigned arithmetic wraps: adding the difference is right when it is negative, too.
    const std::uint64_t difference = on_disk(after) - on_disk(before);
    octets_ += difference;
    if (counted.is_log_) {
        log_octets_ += difference;
    }
}

void disk_meter::forget(file& gone)
{
    gone.exists_ = false;
    account(gone, gone.octets(), 0);
}

}  // namespace cache
