#include "cache/store/recent_reads.hpp"

#include <algorithm>
#include <utility>

namespace cache {
namespace {

template <class Table, class Value>
void insert(Table& newer, Table& older, std::size_t capacity, object_id id, const Value& value)
{
    if (newer.size() >= capacity && newer.find(id) == newer.end()) {
        older = std::exchange(newer, Table{});
    }
    newer.insert_or_assign(id, value);
}

}  // namespace

recent_reads::recent_reads(std::size_t capacity) : capacity_{capacity}
{
}

void recent_reads::touch(object_id id, const key_hash& hash)
{
    const std::lock_guard lock{mutex_};
    insert(newer_, older_, capacity_, id, hash);
}

std::vector<std::pair<object_id, key_hash>> recent_reads::take_below(object_id id)
{
    std::vector<std::pair<object_id, key_hash>> taken;
    const std::lock_guard lock{mutex_};
    for (table* const from : {&newer_, &older_}) {
        for (auto entry = from->begin(); entry != from->end();) {
            if (entry->first < id) {
                taken.emplace_back(*entry);
                entry = from->erase(entry);
            } else {
                ++entry;
            }
        }
    }
    std::sort(taken.begin(), taken.end());
    taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
    return taken;
}

moved_objects::moved_objects(std::size_t capacity) : capacity_{capacity}
{
}

void moved_objects::move(object_id from, object_id to)
{
    const std::lock_guard lock{mutex_};
    insert(newer_, older_, capacity_, from, to);
}

object_id moved_objects::now(object_id id) const
{
    const std::lock_guard lock{mutex_};
    // Ids rise with each move, so this ends.
    for (;;) {
        auto found = newer_.find(id);
        if (found == newer_.end()) {
            found = older_.find(id);
            if (found == older_.end()) {
                return id;
            }
        }
        id = found->second;
    }
}

}  // namespace cache
