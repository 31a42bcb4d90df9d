// Fields that several messages have, each checked where it is read.

#pragma once

#include "dht/core/bencode.hpp"
#include "dht/core/cluster.hpp"
#include "dht/core/errc.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/message.hpp"
#include "dht/core/node_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dht {

constexpr std::size_t longest_token = 32;
constexpr std::size_t most_levels = 8;                                // above 0
constexpr std::int64_t longest_life = 65'535;                         // seconds in two octets
constexpr std::int64_t highest_number = (std::int64_t{1} << 53) - 1;  // exact in every language

std::uint64_t big_endian(std::string_view octets);

// An absent integer is `fallback`; one that is no integer or out of range is an error.
result<std::int64_t> number(const bencode::value_view& value,
    std::int64_t lowest,
    std::int64_t highest,
    std::int64_t fallback);

// An ID must be there.
result<node_id> identifier(const bencode::value_view& value);

// `nw`, `cs`, and `lv` with `cl`: nothing, none, level 0 where they are not.
result<std::optional<network_tag>> network_of(const bencode::value_view& extension);
result<std::vector<cluster_summary>> read_clusters(const bencode::value_view& value);
result<query_scope> read_scope(const bencode::value_view& extension);

// `cm` with `dn` and the token; `le` with `lh`, `ln` and `lt`.
result<std::optional<claim_terms>> read_claim(const bencode::value_view& arguments);
result<std::optional<lease_answer>> read_lease(const bencode::value_view& extension);

}  // namespace dht
