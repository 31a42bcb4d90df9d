#include "cache/store/record_keys.hpp"

#include "cache/store/octets.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace cache {

key_hash hash_of(std::string_view url)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(url.data()), url.size(), digest.data());
    key_hash hash{};
    std::copy_n(digest.begin(), hash.size(), hash.begin());
    return hash;
}

std::string_view view(const key_hash& hash)
{
    return {hash.data(), hash.size()};
}

std::string metadata_key(const key_hash& hash, object_id id)
{
    octet_writer number;
    number.number(id);
    return std::string{view(hash)} + std::move(number).take();
}

std::optional<object_id> id_of_metadata_key(std::string_view key)
{
    if (key.size() != key_hash{}.size() + sizeof(object_id)) {
        return std::nullopt;
    }
    return octet_reader{key.substr(key_hash{}.size())}.number<object_id>();
}

std::string body_key(object_id id, std::uint32_t index)
{
    octet_writer key;
    key.number(id);
    key.number(index);
    return std::move(key).take();
}

std::string ledger_key(ledger_entry what, std::uint64_t number)
{
    octet_writer key;
    key.number(static_cast<std::uint8_t>(what));
    key.number(number);
    return std::move(key).take();
}

std::optional<std::uint64_t> number_of_ledger_key(ledger_entry what, std::string_view key)
{
    octet_reader in{key};
    const auto kind = in.number<std::uint8_t>();
    const auto number = in.number<std::uint64_t>();
    if (!in.finished() || kind != static_cast<std::uint8_t>(what)) {
        return std::nullopt;
    }
    return number;
}

std::string encode_number(std::uint64_t number)
{
    octet_writer out;
    out.number(number);
    return std::move(out).take();
}

std::optional<std::uint64_t> decode_number(std::string_view value)
{
    octet_reader in{value};
    const auto number = in.number<std::uint64_t>();
    return in.finished() ? std::optional{number} : std::nullopt;
}

std::string encode_epoch(const eviction_ledger::epoch& epoch)
{
    octet_writer out;
    out.number(epoch.objects);
    out.number(epoch.metadata_octets);
    out.number(epoch.body_octets);
    return std::move(out).take();
}

std::optional<eviction_ledger::epoch> decode_epoch(object_id first, std::string_view value)
{
    octet_reader in{value};
    eviction_ledger::epoch epoch{.first = first};
    epoch.objects = in.number<std::uint64_t>();
    epoch.metadata_octets = in.number<std::uint64_t>();
    epoch.body_octets = in.number<std::uint64_t>();
    return in.finished() ? std::optional{epoch} : std::nullopt;
}

}  // namespace cache
