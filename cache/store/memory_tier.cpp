#include "cache/store/memory_tier.hpp"

#include "cache/policy/vary.hpp"
#include "cache/store/s3_fifo.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace cache {
namespace {

// Shards are of this size at least, so that an object of a quarter of it is still of use, and there
// are enough of them that workers seldom meet at one.
constexpr std::size_t least_shard_octets = std::size_t{8} * 1024 * 1024;
constexpr std::size_t most_shards = 64;
constexpr std::size_t max_object_fraction = 4;

// Variants and Origins of one URL that are kept at a time. A lookup goes through all of them, so
// that their number must not be in the hands of clients.
constexpr std::size_t max_entries_per_url = 64;

// glibc's allocator adds this much to a block, rounding included.
constexpr std::size_t allocation_octets = 16;

// The control block of a shared_ptr.
constexpr std::size_t control_octets = 16 + allocation_octets;

// A node of the table of URLs with its bucket, and the vector that it holds.
constexpr std::size_t table_octets = 64 + 2 * allocation_octets;

struct entry : s3_fifo_node
{
    entry(const cache_key& its_key, std::shared_ptr<const memory_object> its_object)
        : key{its_key}, object{std::move(its_object)}
    {
    }

    cache_key key;
    std::shared_ptr<const memory_object> object;
};

using entries = std::vector<std::unique_ptr<entry>>;

std::size_t entry_octets(const cache_key& key, const memory_object& object)
{
    return sizeof(entry) + allocation_octets + key.text().capacity() + allocation_octets +
           table_octets + memory_octets(object);
}

std::shared_ptr<const memory_object> outdated(const memory_object& object)
{
    auto changed = std::make_shared<memory_object>(object);
    changed->response.outdated = true;
    changed->fresh = evaluate_freshness(changed->response);
    return changed;
}

// The key is a keyed hash already.
struct identity_hash
{
    std::size_t operator()(std::size_t hash) const { return hash; }
};

}  // namespace

std::size_t memory_octets(const memory_object& object)
{
    constexpr std::size_t blocks = 5;  // the head, two for each section
    return sizeof(memory_object) + control_octets + blocks * allocation_octets +
           object.head.capacity() + object.response.fields.memory_octets() +
           object.response.selecting_fields.memory_octets() + object.body->memory_octets();
}

// mutex_ guards all other members. Whatever is removed is destroyed by the caller after the lock is
// free: a body may be large.
class memory_tier::shard
{
public:
    explicit shard(std::size_t limit_octets) : limit_octets_{limit_octets}, order_{limit_octets} {}

    std::shared_ptr<const memory_object> lookup(const cache_key& key, const field_section& request)
    {
        const std::lock_guard lock{mutex_};
        entry* const found = select(key, request);
        if (found == nullptr) {
            ++misses_;
            return nullptr;
        }
        ++hits_;
        s3_fifo::touch(*found);
        return found->object;
    }

    bool holds(const cache_key& key) const
    {
        const std::lock_guard lock{mutex_};
        const auto same_url = by_url_.find(key.url_hash());
        return same_url != by_url_.end() &&
               std::any_of(same_url->second.begin(),
                   same_url->second.end(),
                   [&](const std::unique_ptr<entry>& candidate) { return candidate->key == key; });
    }

    // is_purged is asked under the lock that a purge takes.
    template <class IsPurged>
    bool admit(const cache_key& key,
        std::shared_ptr<const memory_object> object,
        const IsPurged& is_purged)
    {
        entries removed;
        const std::size_t octets = entry_octets(key, *object);
        const std::lock_guard lock{mutex_};
        if (is_purged()) {
            return false;
        }
        entries& same_url = by_url_[key.url_hash()];
        const auto superseded =
            std::find_if(same_url.begin(), same_url.end(), [&](const std::unique_ptr<entry>& e) {
                return e->key == key &&
                       e->object->response.selecting_fields == object->response.selecting_fields;
            });
        if (superseded != same_url.end()) {
            order_.resize(**superseded, octets);
            std::swap((*superseded)->object, object);
        } else {
            if (same_url.size() == max_entries_per_url) {
                removed.push_back(take(same_url, same_url.begin()));
            }
            add(same_url, key, std::move(object), octets);
        }
        make_room(removed);
        return true;
    }

    bool replace(const cache_key& key,
        const memory_object& replaced,
        std::shared_ptr<const memory_object>& object)
    {
        entries removed;
        const std::size_t octets = entry_octets(key, *object);
        const std::lock_guard lock{mutex_};
        const auto same_url = by_url_.find(key.url_hash());
        if (same_url == by_url_.end()) {
            return false;
        }
        for (const std::unique_ptr<entry>& candidate : same_url->second) {
            if (candidate->object.get() == &replaced) {
                order_.resize(*candidate, octets);
                std::swap(candidate->object, object);
                make_room(removed);
                return true;
            }
        }
        return false;
    }

    void erase(const cache_key& key)
    {
        entries removed;
        const std::lock_guard lock{mutex_};
        const auto same_url = by_url_.find(key.url_hash());
        if (same_url == by_url_.end()) {
            return;
        }
        entries& candidates = same_url->second;
        for (std::size_t i = candidates.size(); i-- != 0;) {
            const auto position = candidates.begin() + static_cast<std::ptrdiff_t>(i);
            if ((*position)->key.url() == key.url()) {
                removed.push_back(take(candidates, position));
            }
        }
        if (candidates.empty()) {
            by_url_.erase(same_url);
        }
    }

    std::uint64_t purge(const purge_order& order)
    {
        std::vector<std::shared_ptr<const memory_object>> replaced;
        entries removed;
        std::uint64_t purged = 0;
        const std::lock_guard lock{mutex_};
        for (auto same_url = by_url_.begin(); same_url != by_url_.end();) {
            entries& candidates = same_url->second;
            for (std::size_t i = candidates.size(); i-- != 0;) {
                const auto position = candidates.begin() + static_cast<std::ptrdiff_t>(i);
                entry& candidate = **position;
                if (!concerns(order, candidate.key.url(), candidate.object->response.fields)) {
                    continue;
                }
                ++purged;
                if (order.is_soft) {
                    replaced.push_back(
                        std::exchange(candidate.object, outdated(*candidate.object)));
                } else {
                    removed.push_back(take(candidates, position));
                }
            }
            same_url = candidates.empty() ? by_url_.erase(same_url) : std::next(same_url);
        }
        return purged;
    }

    void add_to(memory_usage& sum) const
    {
        const std::lock_guard lock{mutex_};
        sum.octets += order_.octets() + order_.overhead_octets();
        sum.objects += objects_;
        sum.hits += hits_;
        sum.misses += misses_;
        sum.evictions += evictions_;
    }

private:
    entry* select(const cache_key& key, const field_section& request) const
    {
        const auto same_url = by_url_.find(key.url_hash());
        if (same_url == by_url_.end()) {
            return nullptr;
        }
        entry* selected = nullptr;
        for (const std::unique_ptr<entry>& candidate : same_url->second) {
            const stored_response& response = candidate->object->response;
            const bool newer = selected == nullptr ||
                               response.response_time > selected->object->response.response_time;
            if (newer && candidate->key == key && selects(response, request)) {
                selected = candidate.get();
            }
        }
        return selected;
    }

    void add(entries& same_url,
        const cache_key& key,
        std::shared_ptr<const memory_object> object,
        std::size_t octets)
    {
        auto added = std::make_unique<entry>(key, std::move(object));
        added->hash = key.hash();
        added->octets = octets;
        order_.insert(*added);
        same_url.push_back(std::move(added));
        ++objects_;
    }

    std::unique_ptr<entry> take(entries& from, entries::iterator position)
    {
        std::unique_ptr<entry> taken = std::move(*position);
        from.erase(position);
        order_.remove(*taken);
        --objects_;
        return taken;
    }

    void make_room(entries& removed)
    {
        while (objects_ != 0 && order_.octets() + order_.overhead_octets() > limit_octets_) {
            auto& victim = static_cast<entry&>(order_.take_victim());
            const auto same_url = by_url_.find(victim.key.url_hash());
            const auto position = std::find_if(same_url->second.begin(),
                same_url->second.end(),
                [&](const std::unique_ptr<entry>& e) { return e.get() == &victim; });
            removed.push_back(std::move(*position));
            same_url->second.erase(position);
            if (same_url->second.empty()) {
                by_url_.erase(same_url);
            }
            --objects_;
            ++evictions_;
        }
    }

    const std::size_t limit_octets_;
    mutable std::mutex mutex_;
    s3_fifo order_;  // of all entries in by_url_

    // By url_hash(). Different URLs may share a hash, so every use compares the key too.
    std::unordered_map<std::size_t, entries, identity_hash> by_url_;
    std::uint64_t objects_ = 0;
    std::uint64_t hits_ = 0;
    std::uint64_t misses_ = 0;
    std::uint64_t evictions_ = 0;
};

memory_tier::memory_tier(std::size_t limit_octets)
    : limit_octets_{limit_octets}, pages_{page_file::create()}
{
    const std::size_t count =
        std::bit_floor(std::clamp<std::size_t>(limit_octets / least_shard_octets, 1, most_shards));
    max_object_octets_ = limit_octets / count / max_object_fraction;
    for (std::size_t i = 0; i != count; ++i) {
        shards_.push_back(std::make_unique<shard>(limit_octets / count));
    }
}

memory_tier::~memory_tier() = default;

std::shared_ptr<const memory_object> memory_tier::lookup(
    const cache_key& key, const field_section& request)
{
    return shard_of(key).lookup(key, request);
}

bool memory_tier::holds(const cache_key& key) const
{
    return shard_of(key).holds(key);
}

admission memory_tier::admit(const cache_key& key, std::shared_ptr<const memory_object> object)
{
    if (entry_octets(key, *object) > max_object_octets_) {
        return admission::too_large;
    }
    const auto is_purged = [&] {
        const stored_response& response = object->response;
        return purges_.cover(key.url(), response.fields, response.request_time);
    };
    return shard_of(key).admit(key, object, is_purged) ? admission::admitted : admission::purged;
}

bool memory_tier::replace(const cache_key& key,
    const memory_object& replaced,
    std::shared_ptr<const memory_object> object)
{
    return shard_of(key).replace(key, replaced, object);
}

void memory_tier::erase(const cache_key& key)
{
    shard_of(key).erase(key);
}

void memory_tier::invalidate(const cache_key& key, wall_time now)
{
    purges_.add({purge_scope::url, std::string{key.url()}}, now);
    erase(key);
}

std::uint64_t memory_tier::purge(const purge_order& order, wall_time now)
{
    purges_.add(order, now);
    std::uint64_t purged = 0;
    for (const std::unique_ptr<shard>& part : shards_) {
        purged += part->purge(order);
    }
    return purged;
}

memory_usage memory_tier::usage() const
{
    memory_usage sum;
    sum.limit_octets = limit_octets_;
    for (const std::unique_ptr<shard>& part : shards_) {
        part->add_to(sum);
    }
    return sum;
}

memory_tier::shard& memory_tier::shard_of(const cache_key& key) const
{
    // The table inside a shard uses the lower bits.
    constexpr unsigned upper_half = 32;
    return *shards_[(key.url_hash() >> upper_half) & (shards_.size() - 1)];
}

}  // namespace cache
