#include "cache/store/eviction_ledger.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

namespace cache {

eviction_ledger::eviction_ledger(std::uint64_t epoch_octets)
    : epoch_octets_{epoch_octets}, epochs_{epoch{}}
{
}

void eviction_ledger::restore(object_id floor, const std::deque<epoch>& epochs)
{
    epochs_.assign(1, epoch{.first = floor});
    for (const epoch& restored : epochs) {
        if (restored.first > epochs_.back().first) {
            epochs_.push_back(restored);
        } else if (restored.first == epochs_.back().first) {
            epochs_.back() = restored;
        }
    }
}

void eviction_ledger::advance(object_id next)
{
    if (epochs_.back().octets() >= epoch_octets_ && next > epochs_.back().first) {
        epochs_.push_back(epoch{.first = next});
    }
}

void eviction_ledger::add_body(object_id id, std::uint64_t octets)
{
    if (epoch* const found = find(id)) {
        found->body_octets += octets;
    }
}

void eviction_ledger::add_object(object_id id, std::uint64_t metadata_octets)
{
    if (epoch* const found = find(id)) {
        ++found->objects;
        found->metadata_octets += metadata_octets;
    }
}

void eviction_ledger::remove_object(object_id id)
{
    epoch* const found = find(id);
    if (found != nullptr && found->objects != 0) {
        --found->objects;
    }
}

object_id eviction_ledger::end_of_oldest() const
{
    return epochs_.size() > 1 ? epochs_[1].first : std::numeric_limits<object_id>::max();
}

std::optional<eviction_ledger::epoch> eviction_ledger::epoch_of(object_id id) const
{
    const epoch* const found = const_cast<eviction_ledger*>(this)->find(id);
    return found != nullptr ? std::optional{*found} : std::nullopt;
}

eviction_ledger::eviction eviction_ledger::evict(object_id next)
{
    BOOST_ASSERT(next > epochs_.back().first);
    const epoch oldest = epochs_.front();
    epochs_.pop_front();
    if (epochs_.empty()) {
        epochs_.push_back(epoch{.first = next});
    }
    evicted_octets_ += oldest.octets();
    return {oldest, floor()};
}

std::uint64_t eviction_ledger::objects() const
{
    std::uint64_t sum = 0;
    for (const epoch& counted : epochs_) {
        sum += counted.objects;
    }
    return sum;
}

bool eviction_ledger::check_invariant() const
{
    return !epochs_.empty() &&
           std::is_sorted(epochs_.begin(),
               epochs_.end(),
               [](const epoch& left, const epoch& right) { return left.first <= right.first; });
}

eviction_ledger::epoch* eviction_ledger::find(object_id id)
{
    const auto above = std::upper_bound(
        epochs_.begin(), epochs_.end(), id, [](object_id wanted, const epoch& candidate) {
            return wanted < candidate.first;
        });
    return above == epochs_.begin() ? nullptr : &*std::prev(above);
}

}  // namespace cache
