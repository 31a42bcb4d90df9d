#include "dht/core/message_fields.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dht {

using bencode::value_view;
using std::chrono::seconds;

namespace {

constexpr std::size_t cluster_octets = 16;

result<cluster_id> cluster_of(std::string_view text)
{
    cluster_id out{};
    if (text.size() != out.size()) {
        return errc::wrong_type;
    }
    std::copy(text.begin(), text.end(), out.begin());
    return out;
}

}  // namespace

std::uint64_t big_endian(std::string_view octets)
{
    std::uint64_t value = 0;
    for (const char octet : octets) {
        value = value << 8 | static_cast<unsigned char>(octet);
    }
    return value;
}

result<std::int64_t> number(
    const value_view& value, std::int64_t lowest, std::int64_t highest, std::int64_t fallback)
{
    if (!value) {
        return fallback;
    }
    const std::optional<std::int64_t> found = value.integer();
    if (!found) {
        return errc::wrong_type;
    }
    if (*found < lowest || *found > highest) {
        return errc::out_of_range;
    }
    return *found;
}

result<node_id> identifier(const value_view& value)
{
    if (!value) {
        return errc::missing_field;
    }
    const std::optional<node_id> id = node_id::from_octets(value.string().value_or(""));
    if (!id) {
        return errc::wrong_type;
    }
    return *id;
}

result<std::optional<network_tag>> network_of(const value_view& extension)
{
    const value_view value = extension["nw"];
    if (!value) {
        return std::optional<network_tag>{};
    }
    const std::string_view text = value.string().value_or("");
    network_tag tag{};
    if (text.size() != tag.size()) {
        return errc::wrong_type;
    }
    std::copy(text.begin(), text.end(), tag.begin());
    return std::optional{tag};
}

result<std::vector<cluster_summary>> read_clusters(const value_view& value)
{
    std::vector<cluster_summary> out;
    if (!value) {
        return out;
    }
    const std::string_view text = value.string().value_or("");
    if (text.empty() || text.size() % cluster_octets != 0 ||
        text.size() > most_levels * cluster_octets) {
        return errc::wrong_type;
    }
    for (std::size_t at = 0; at < text.size(); at += cluster_octets) {
        cluster_summary one;
        one.id = *cluster_of(text.substr(at, one.id.size()));
        one.size = static_cast<double>(big_endian(text.substr(at + 8, 4)));
        one.age = seconds{static_cast<std::int64_t>(big_endian(text.substr(at + 12, 4)))};
        out.push_back(one);
    }
    return out;
}

result<query_scope> read_scope(const value_view& extension)
{
    query_scope out;
    const result<std::int64_t> level = number(extension["lv"], 0, most_levels, 0);
    if (!level) {
        return level.error();
    }
    out.level = static_cast<level_number>(*level);
    if (out.level == 0) {
        return out;
    }
    const result<cluster_id> cluster = cluster_of(extension["cl"].string().value_or(""));
    if (!cluster) {
        return cluster.error();
    }
    out.cluster = *cluster;
    return out;
}

// Nothing where no claim is made: `dn` and the token mean nothing without `cm`.
result<std::optional<claim_terms>> read_claim(const value_view& arguments)
{
    const value_view extension = arguments["sl"];
    if (!extension["cm"]) {
        return std::optional<claim_terms>{};
    }
    const result<std::int64_t> life = number(extension["cm"], 1, longest_life, 0);
    const result<std::int64_t> silent = number(extension["dn"], 1, highest_number, 0);
    if (!life || !silent) {
        return errc::out_of_range;
    }
    const value_view token = arguments["token"];
    const std::optional<std::string_view> token_text = token.string();
    if (token && (!token_text || token_text->size() > longest_token)) {
        return errc::wrong_type;
    }
    claim_terms out;
    out.life = seconds{*life};
    out.token = token_text.value_or("");
    out.silent = static_cast<lease_number>(*silent);
    return std::optional{std::move(out)};
}

result<std::optional<lease_answer>> read_lease(const value_view& extension)
{
    if (!extension["le"]) {
        return std::optional<lease_answer>{};
    }
    const result<std::int64_t> granted = number(extension["le"], 0, 1, 0);
    const result<std::int64_t> left = number(extension["lt"], 0, longest_life, 0);
    const result<std::int64_t> its_number = number(extension["ln"], 1, highest_number, 0);
    if (!granted || !left || !its_number) {
        return errc::out_of_range;
    }
    const value_view holder = extension["lh"];
    lease_answer out;
    out.holder = from_compact(holder.string().value_or(""));
    if (holder && (!out.holder || !is_reachable_form(*out.holder))) {
        return errc::wrong_type;
    }
    out.granted = *granted == 1;
    out.left = seconds{*left};
    out.number = static_cast<lease_number>(*its_number);
    if (out.granted && out.number == 0) {
        return errc::missing_field;
    }
    return std::optional{out};
}

}  // namespace dht
