#include "dht/core/value_store.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace dht {
namespace {

constexpr duration leak_period = std::chrono::minutes{1};

}  // namespace

value_store::stored::stored(const pointer& value, time_point until)
    : expires(until),
      version_tag(value.version_tag),
      port(value.peer.port),
      state(value.state),
      load(value.load),
      is_v4(value.peer.address.is_v4())
{
    if (is_v4) {
        const auto octets = value.peer.address.to_v4().to_bytes();
        std::copy(octets.begin(), octets.end(), address.begin());
    } else {
        address = value.peer.address.to_v6().to_bytes();
    }
}

endpoint value_store::stored::peer() const
{
    namespace ip = boost::asio::ip;
    if (!is_v4) {
        return {ip::address_v6{address}, port};
    }
    ip::address_v4::bytes_type octets{};
    std::copy_n(address.begin(), octets.size(), octets.begin());
    return {ip::address_v4{octets}, port};
}

pointer value_store::stored::unpacked(std::chrono::seconds left) const
{
    pointer value;
    value.peer = peer();
    value.state = state;
    value.life = left;
    value.load = load;
    value.version_tag = version_tag;
    return value;
}

value_store::value_store(const config& settings)
    : values_per_key_(settings.values_per_key),
      values_total_(settings.values_total),
      values_per_source_(settings.values_per_source),
      leak_interval_(leak_period / settings.leakage_per_minute)
{
}

std::vector<pointer> value_store::values(const node_id& key, time_point now) const
{
    std::vector<pointer> live;
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return live;
    }
    for (const stored& held : found->second.values) {
        // Whole seconds travel; the last fraction of one is not worth an answer.
        const auto left = std::chrono::floor<std::chrono::seconds>(held.expires - now);
        if (left.count() > 0) {
            live.push_back(held.unpacked(left));
        }
    }
    return live;
}

bool value_store::count_get(const node_id& key, time_point now)
{
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.gets.is_loaded(now, leak_interval_);
}

value_store::condition value_store::count_put(
    const node_id& key, std::chrono::seconds life, time_point now)
{
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return {};  // who is asked about keys that nobody stored keeps no state for them
    }
    entry& held = found->second;
    return {is_full(held, life, now), held.puts.is_loaded(now, leak_interval_)};
}

// Full: l values, each with at least half of the new value's life left (Coral, section 4.1). So
// pointers of an hour displace pointers of seconds, and old ones make room before they end.
bool value_store::is_full(const entry& held, std::chrono::seconds life, time_point now) const
{
    const auto lasting = std::count_if(held.values.begin(),
        held.values.end(),
        [&](const stored& value) { return 2 * (value.expires - now) >= life; });
    return static_cast<std::size_t>(lasting) >= values_per_key_;
}

store_status value_store::put(
    const node_id& key, const pointer& value, admission how, time_point now)
{
    const stored fresh{value, now + value.life};
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return insert(key, fresh, now);
    }
    entry& held = found->second;
    const auto same = std::find_if(held.values.begin(),
        held.values.end(),
        [&](const stored& other) { return other.peer() == value.peer; });
    if (same != held.values.end()) {
        *same = fresh;
        return store_status::stored;
    }
    remove_expired(held, now);
    if (held.values.size() < values_per_key_) {
        return insert(key, fresh, now);
    }
    return displace(held, fresh, value.life, how, now);
}

store_status value_store::insert(const node_id& key, const stored& value, time_point now)
{
    if (size_ >= values_total_ || is_source_at_limit(value.peer())) {
        return store_status::full;
    }
    const auto [place, is_new] = entries_.try_emplace(key);
    place->second.values.push_back(value);
    if (is_new) {
        // The put that brought this value has passed: it took the first token.
        place->second.puts.is_loaded(now, leak_interval_);
    }
    count_source(value.peer(), true);
    return store_status::stored;
}

store_status value_store::displace(
    entry& held, const stored& value, std::chrono::seconds life, admission how, time_point now)
{
    const bool full = is_full(held, life, now);
    if (full && how != admission::leaked) {
        return store_status::full_and_loaded;
    }
    const auto shortest = std::min_element(held.values.begin(),
        held.values.end(),
        [](const stored& left, const stored& right) { return left.expires < right.expires; });
    if (shortest->expires > value.expires || is_source_at_limit(value.peer())) {
        return store_status::full;
    }
    count_source(shortest->peer(), false);
    *shortest = value;
    count_source(value.peer(), true);
    return store_status::stored;
}

void value_store::withdraw(const node_id& key, const endpoint& peer)
{
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        return;
    }
    const std::size_t removed = std::erase_if(
        found->second.values, [&](const stored& held) { return held.peer() == peer; });
    if (removed > 0) {
        count_source(peer, false);
    }
    if (found->second.values.empty()) {
        entries_.erase(found);
    }
}

void value_store::sweep(time_point now)
{
    for (auto at = entries_.begin(); at != entries_.end();) {
        remove_expired(at->second, now);
        at = at->second.values.empty() ? entries_.erase(at) : std::next(at);
    }
}

void value_store::remove_expired(entry& held, time_point now)
{
    std::erase_if(held.values, [&](const stored& value) {
        if (value.expires > now) {
            return false;
        }
        count_source(value.peer(), false);
        return true;
    });
}

bool value_store::is_source_at_limit(const endpoint& peer) const
{
    const auto source = per_source_.find(source_of(peer));
    return source != per_source_.end() && source->second >= values_per_source_;
}

void value_store::count_source(const endpoint& peer, bool added)
{
    const auto source = per_source_.try_emplace(source_of(peer), 0).first;
    if (added) {
        ++source->second;
        ++size_;
        return;
    }
    BOOST_ASSERT(source->second > 0 && size_ > 0);
    --source->second;
    --size_;
    if (source->second == 0) {
        per_source_.erase(source);
    }
}

void value_store::check_invariant() const
{
    std::size_t held = 0;
    for (const auto& [key, values] : entries_) {
        BOOST_ASSERT(values.values.size() <= values_per_key_);
        held += values.values.size();
    }
    BOOST_ASSERT(held == size_);
    BOOST_ASSERT(size_ <= values_total_);
}

}  // namespace dht
