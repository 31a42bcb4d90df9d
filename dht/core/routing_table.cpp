#include "dht/core/routing_table.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cmath>

namespace dht {
namespace {

std::vector<contact>::iterator find_in(std::vector<contact>& contacts, const node_id& id)
{
    return std::find_if(
        contacts.begin(), contacts.end(), [&](const contact& who) { return who.id == id; });
}

void sort_by_distance(std::vector<contact>& contacts, const node_id& target)
{
    std::sort(contacts.begin(), contacts.end(), [&](const contact& left, const contact& right) {
        return is_closer(target, left.id, right.id);
    });
}

}  // namespace

routing_table::routing_table(const node_id& self, const config& settings)
    : self_(self),
      bucket_size_(settings.bucket_size),
      replacement_size_(settings.replacement_size),
      per_subnet_(settings.swarm.is_empty() ? settings.contacts_per_subnet : 0),
      bad_after_(settings.bad_after_failures),
      removed_after_(settings.removed_after_failures)
{
}

routing_table::bucket& routing_table::bucket_of(const node_id& id)
{
    BOOST_ASSERT(id != self_);
    const std::size_t shared = common_prefix(self_, id);
    if (shared >= buckets_.size()) {
        buckets_.resize(shared + 1);
    }
    return buckets_[shared];
}

const routing_table::bucket& routing_table::bucket_of(const node_id& id) const
{
    BOOST_ASSERT(id != self_);
    static const bucket none;
    const std::size_t shared = common_prefix(self_, id);
    return shared < buckets_.size() ? buckets_[shared] : none;
}

bool routing_table::answered(const contact& who, duration took, time_point now)
{
    if (who.id == self_) {
        return false;
    }
    bucket& home = bucket_of(who.id);
    auto known = find_in(home.contacts, who.id);
    if (known == home.contacts.end()) {
        contact fresh = who;
        const auto waiting = find_in(home.replacements, who.id);
        if (waiting != home.replacements.end()) {
            fresh = *waiting;
            home.replacements.erase(waiting);
        }
        fresh.at = who.at;
        fresh.failures = 0;
        fresh.last_answer = now;
        fresh.rtt.add(took);
        return place(home, fresh);
    }
    known->at = who.at;
    known->failures = 0;
    known->last_answer = now;
    known->rtt.add(took);
    return false;
}

// Whether the newcomer's subnet has all the places that it may have.
bool routing_table::is_crowded(const std::vector<contact>& by, const contact& newcomer) const
{
    const auto subnet = public_subnet_of(newcomer.at.address);
    if (per_subnet_ == 0 || !subnet) {
        return false;
    }
    const auto same = std::count_if(by.begin(), by.end(), [&](const contact& who) {
        return public_subnet_of(who.at.address) == subnet;
    });
    return static_cast<std::size_t>(same) >= per_subnet_;
}

// A bad contact whose place the newcomer may have.
std::vector<contact>::const_iterator routing_table::bad_for(
    const bucket& home, const contact& newcomer) const
{
    const bool crowded = is_crowded(home.contacts, newcomer);
    const auto subnet = public_subnet_of(newcomer.at.address);
    return std::find_if(home.contacts.begin(), home.contacts.end(), [&](const contact& who) {
        return is_bad(who) && (!crowded || public_subnet_of(who.at.address) == subnet);
    });
}

// A free place (then true) or that of a bad contact; else the newcomer waits (Kademlia,
// section 4.1).
bool routing_table::place(bucket& into, const contact& fresh)
{
    if (into.contacts.size() < bucket_size_ && !is_crowded(into.contacts, fresh)) {
        into.contacts.push_back(fresh);
        ++size_;
        return true;
    }
    const auto bad = bad_for(into, fresh);
    if (bad != into.contacts.end()) {
        into.contacts.erase(bad);
        into.contacts.push_back(fresh);
    } else {
        wait_for_place(into, fresh);
    }
    return false;
}

// The one who has waited longest gives way.
void routing_table::wait_for_place(bucket& in, const contact& fresh)
{
    if (is_crowded(in.replacements, fresh)) {
        return;
    }
    if (in.replacements.size() == replacement_size_) {
        in.replacements.erase(in.replacements.begin());
    }
    in.replacements.push_back(fresh);
}

void routing_table::failed(const node_id& who, bool may_remove)
{
    if (who == self_) {
        return;
    }
    bucket& home = bucket_of(who);
    const auto waiting = find_in(home.replacements, who);
    if (waiting != home.replacements.end() && may_remove) {
        home.replacements.erase(waiting);
        return;
    }
    const auto known = find_in(home.contacts, who);
    if (known == home.contacts.end()) {
        return;
    }
    ++known->failures;
    if (!may_remove || !is_bad(*known)) {
        return;
    }
    const auto next = successor_of(home, *known);
    if (next != home.replacements.end() || known->failures >= removed_after_) {
        replace(home, known, next);
    }
}

// Of those who wait the one that answered last, if its subnet may have another place or that of
// `gone` is its own.
std::vector<contact>::iterator routing_table::successor_of(bucket& home, const contact& gone)
{
    const auto subnet = public_subnet_of(gone.at.address);
    const auto next = std::find_if(
        home.replacements.rbegin(), home.replacements.rend(), [&](const contact& waiting) {
            return public_subnet_of(waiting.at.address) == subnet ||
                   !is_crowded(home.contacts, waiting);
        });
    return next == home.replacements.rend() ? home.replacements.end() : std::next(next).base();
}

// next: who waits, or the end.
void routing_table::replace(
    bucket& home, std::vector<contact>::iterator gone, std::vector<contact>::iterator next)
{
    home.contacts.erase(gone);
    if (next == home.replacements.end()) {
        --size_;
        return;
    }
    home.contacts.push_back(*next);
    home.replacements.erase(next);
}

void routing_table::forgive()
{
    for (bucket& held : buckets_) {
        for (contact& who : held.contacts) {
            who.failures = std::min(who.failures, bad_after_ - 1);
        }
    }
}

void routing_table::remove(const node_id& who)
{
    if (who == self_) {
        return;
    }
    bucket& home = bucket_of(who);
    std::erase_if(home.replacements, [&](const contact& one) { return one.id == who; });
    const auto known = find_in(home.contacts, who);
    if (known != home.contacts.end()) {
        replace(home, known, successor_of(home, *known));
    }
}

void routing_table::move_to(const node_id& self)
{
    const std::vector<contact> known = all();
    self_ = self;
    buckets_.clear();
    size_ = 0;
    for (const contact& who : known) {
        if (who.id != self_) {
            place(bucket_of(who.id), who);
        }
    }
}

const contact* routing_table::find(const node_id& id) const
{
    if (id == self_) {
        return nullptr;
    }
    const bucket& home = bucket_of(id);
    const auto known = std::find_if(home.contacts.begin(),
        home.contacts.end(),
        [&](const contact& who) { return who.id == id; });
    return known == home.contacts.end() ? nullptr : &*known;
}

bool routing_table::has_room_for(const contact& who) const
{
    if (who.id == self_) {
        return false;
    }
    const bucket& home = bucket_of(who.id);
    if (bad_for(home, who) != home.contacts.end()) {
        return true;
    }
    return !is_crowded(home.contacts, who) &&
           (home.contacts.size() < bucket_size_ || home.replacements.empty());
}

void routing_table::append_good(const bucket& from, std::vector<contact>& out) const
{
    std::copy_if(from.contacts.begin(),
        from.contacts.end(),
        std::back_inserter(out),
        [this](const contact& who) { return !is_bad(who); });
}

// With p bits shared between this node and target, bucket p holds what shares more of them with
// target, deeper buckets what shares exactly p, and bucket j < p what shares exactly j. Whole
// groups are taken in that order until there are enough.
std::vector<contact> routing_table::closest(const node_id& target, std::size_t count) const
{
    std::vector<contact> found;
    const std::size_t own = std::min<std::size_t>(common_prefix(self_, target), buckets_.size());
    if (own < buckets_.size()) {
        append_good(buckets_[own], found);
    }
    if (found.size() < count) {
        for (std::size_t i = own + 1; i < buckets_.size(); ++i) {
            append_good(buckets_[i], found);
        }
    }
    for (std::size_t i = own; i > 0 && found.size() < count; --i) {
        append_good(buckets_[i - 1], found);
    }
    sort_by_distance(found, target);
    found.resize(std::min(found.size(), count));
    return found;
}

std::vector<contact> routing_table::towards(const node_id& key, std::size_t count) const
{
    const unsigned shared = common_prefix(self_, key);
    std::vector<contact> found;
    if (shared < buckets_.size()) {
        append_good(buckets_[shared], found);
    }
    if (found.size() < count) {
        for (const contact& who : closest(key, count)) {
            if (find_in(found, who.id) == found.end()) {
                found.push_back(who);
            }
        }
    }
    found.resize(std::min(found.size(), count));
    return found;
}

std::vector<contact> routing_table::all() const
{
    std::vector<contact> out;
    for (const bucket& held : buckets_) {
        out.insert(out.end(), held.contacts.begin(), held.contacts.end());
        out.insert(out.end(), held.replacements.begin(), held.replacements.end());
    }
    return out;
}

std::size_t routing_table::good_count() const
{
    std::size_t count = 0;
    for (const bucket& held : buckets_) {
        count += static_cast<std::size_t>(std::count_if(held.contacts.begin(),
            held.contacts.end(),
            [this](const contact& who) { return !is_bad(who); }));
    }
    return count;
}

std::vector<contact> routing_table::to_check(time_point before, std::size_t count) const
{
    std::vector<contact> due;
    for (const bucket& held : buckets_) {
        std::copy_if(held.contacts.begin(),
            held.contacts.end(),
            std::back_inserter(due),
            [&](const contact& who) {
                // Beyond the last failure that counts, only joining asks it again.
                const bool doubtful = who.failures > 0 && who.failures < removed_after_;
                return doubtful || (who.failures == 0 && who.last_answer < before);
            });
    }
    std::sort(due.begin(), due.end(), [](const contact& left, const contact& right) {
        return left.last_answer < right.last_answer;
    });
    due.resize(std::min(due.size(), count));
    return due;
}

std::optional<node_id> routing_table::id_to_refresh(
    time_point before, time_point now, random_source& random)
{
    const auto deepest = std::find_if(buckets_.rbegin(), buckets_.rend(), [](const bucket& held) {
        return !held.contacts.empty();
    });
    const auto depth = static_cast<std::size_t>(buckets_.rend() - deepest);
    for (std::size_t i = 0; i < depth; ++i) {
        if (buckets_[i].refreshed && *buckets_[i].refreshed >= before) {
            continue;
        }
        buckets_[i].refreshed = now;
        node_id::array octets{};
        random.fill(octets);
        node_id target{octets};
        for (unsigned bit = 0; bit < i; ++bit) {
            if (target.bit(bit) != self_.bit(bit)) {
                target.flip(bit);
            }
        }
        const auto differing = static_cast<unsigned>(i);
        if (target.bit(differing) == self_.bit(differing)) {
            target.flip(differing);
        }
        return target;
    }
    return std::nullopt;
}

double routing_table::estimated_network_size() const
{
    const std::vector<contact> nearest = closest(self_, bucket_size_);
    if (nearest.size() < bucket_size_) {
        return static_cast<double>(nearest.size() + 1);
    }
    // n nodes spread evenly leave count / n of the space up to the one that is count-th closest.
    const double fraction = fraction_of_space(self_, nearest.back().id);
    const double spread = static_cast<double>(nearest.size()) / std::max(fraction, 0x1p-60);
    return std::max(spread, static_cast<double>(good_count() + 1));
}

void routing_table::check_invariant() const
{
    std::size_t count = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
        count += buckets_[i].contacts.size();
        BOOST_ASSERT(buckets_[i].contacts.size() <= bucket_size_);
        BOOST_ASSERT(buckets_[i].replacements.size() <= replacement_size_);
        for (const contact& who : buckets_[i].contacts) {
            BOOST_ASSERT(common_prefix(self_, who.id) == i);
        }
    }
    BOOST_ASSERT(count == size_);
}

}  // namespace dht
