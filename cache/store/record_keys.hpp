// The keys under which records lie on disk, and the small values of the ledger. Numbers in them are
// big-endian, so that the order of keys is the order of numbers.

#pragma once

#include "cache/store/eviction_ledger.hpp"
#include "cache/store/recent_reads.hpp"
#include "cache/store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cache {

// The first 16 octets of the SHA-256 of the key's URL, so that all keys of one URL (they differ in
// Origin) lie together and go together. URLs with the same hash can be made only with 2^64 work;
// the text in the record tells keys apart in any case.
key_hash hash_of(std::string_view url);

std::string_view view(const key_hash& hash);

// Metadata: hash, then id: the variants of a key are neighbours, the newest one last.
std::string metadata_key(const key_hash& hash, object_id id);

// The id in a metadata key; nothing if it is no such key.
std::optional<object_id> id_of_metadata_key(std::string_view key);

// Bodies: id, then index.
std::string body_key(object_id id, std::uint32_t index);

// Ledger: what the key is about, then a number.
enum class ledger_entry : char
{
    epoch = 'e',     // of this first id -> its sums
    floor = 'f',     // number 0 -> ids below are evicted
    id_bound = 'i',  // number 0 -> no id from here on was given out
    writing = 'w',   // an object of which chunks were written and no metadata yet
};

std::string ledger_key(ledger_entry what, std::uint64_t number = 0);

// The number in a ledger key of that kind; nothing if it is of another kind.
std::optional<std::uint64_t> number_of_ledger_key(ledger_entry what, std::string_view key);

// Values of ledger entries; nothing if the text is not one.
std::string encode_number(std::uint64_t number);
std::optional<std::uint64_t> decode_number(std::string_view value);
std::string encode_epoch(const eviction_ledger::epoch& epoch);
std::optional<eviction_ledger::epoch> decode_epoch(object_id first, std::string_view value);

}  // namespace cache
