#include "cache/store/pending_objects.hpp"

#include "cache/store/errc.hpp"
#include "cache/store/record_codec.hpp"

#include <limits>
#include <utility>

namespace cache {

using boost::system::error_code;
using boost::system::result;

pending_objects::pending_objects(std::size_t capacity, std::uint64_t max_object_octets)
    : capacity_{capacity}, max_object_octets_{max_object_octets}
{
}

result<void> pending_objects::open(object_id id)
{
    const std::lock_guard lock{mutex_};
    if (objects_.size() >= capacity_) {
        return error_code{store_errc::too_many_writers};
    }
    objects_.emplace(id, object{});
    return {};
}

result<pending_objects::action> pending_objects::stage(
    object_id id, std::uint64_t index, std::span<const char> chunk)
{
    const std::lock_guard lock{mutex_};
    const auto found = objects_.find(id);
    if (found == objects_.end()) {
        return error_code{store_errc::not_found};
    }
    object& writing = found->second;
    if (writing.failed || writing.writing) {
        writing.failed = true;
        return error_code{store_errc::wrong_length};
    }
    if (index != writing.chunks || !writing.last_full || chunk.empty() ||
        chunk.size() > body_chunk_octets) {
        writing.failed = true;
        return error_code{store_errc::out_of_order};
    }
    if (writing.body_octets + chunk.size() > max_object_octets_ ||
        index > std::numeric_limits<std::uint32_t>::max()) {
        writing.failed = true;
        return error_code{store_errc::object_too_large};
    }
    ++writing.chunks;
    writing.body_octets += chunk.size();
    writing.last_full = chunk.size() == body_chunk_octets;
    if (index == 0 && chunk.size() <= max_inline_body_octets) {
        writing.held.emplace(chunk.begin(), chunk.end());
        return action::hold;  // short, so nothing can follow it
    }
    writing.on_disk = true;
    writing.writing = true;
    return action::write;
}

void pending_objects::written(object_id id)
{
    const std::lock_guard lock{mutex_};
    const auto found = objects_.find(id);
    if (found != objects_.end()) {
        found->second.writing = false;
    }
}

void pending_objects::fail_all()
{
    const std::lock_guard lock{mutex_};
    for (auto& [id, failed] : objects_) {
        failed.failed = true;
    }
}

result<pending_objects::totals> pending_objects::finish(object_id id) const
{
    const std::lock_guard lock{mutex_};
    const auto found = objects_.find(id);
    if (found == objects_.end()) {
        return error_code{store_errc::not_found};
    }
    const object& finished = found->second;
    if (finished.failed || finished.writing) {
        return error_code{store_errc::wrong_length};
    }
    totals all{finished.body_octets, finished.held};
    if (finished.chunks == 0) {
        all.inline_body.emplace();
    }
    return all;
}

std::optional<std::string> pending_objects::held_chunk(object_id id, std::uint64_t index) const
{
    const std::lock_guard lock{mutex_};
    const auto found = objects_.find(id);
    return found != objects_.end() && index == 0 ? found->second.held : std::nullopt;
}

bool pending_objects::contains(object_id id) const
{
    const std::lock_guard lock{mutex_};
    return objects_.contains(id);
}

bool pending_objects::close(object_id id)
{
    const std::lock_guard lock{mutex_};
    const auto found = objects_.find(id);
    if (found == objects_.end()) {
        return false;
    }
    const bool on_disk = found->second.on_disk;
    objects_.erase(found);
    return on_disk;
}

}  // namespace cache
