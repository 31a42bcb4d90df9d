// The metadata record on disk. The checksum is put right first: no fuzzer would guess it, and a
// disk that is at fault may be at fault before the checksum is made.

#include "cache/store/record_codec.hpp"

#include <boost/assert.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string record{reinterpret_cast<const char*>(data), size};
    cache::check_chunk(1, 0, record).has_value();
    cache::decode_metadata(record).has_value();
    cache::repair_metadata_checksum(record);
    const auto decoded = cache::decode_metadata(record);
    if (!decoded) {
        return 0;
    }
    // What decodes is what encoding gives: no two records mean the same.
    const cache::stored_object& object = decoded->object;
    const auto encoded =
        cache::encode_metadata(decoded->key_text, object.id, object.response, object.inline_body);
    BOOST_ASSERT(encoded.has_value());
    BOOST_ASSERT(*encoded == record);
    return 0;
}
