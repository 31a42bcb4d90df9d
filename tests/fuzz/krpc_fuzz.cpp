// Any octets as a datagram: the decoder, and the encoder on what it has read.

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"

#include <boost/assert.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

// What was read must be written in a form that reads the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::size_t padded = 260;
    const std::span<const std::byte> input = std::as_bytes(std::span{data, size});
    const dht::result<dht::message> first = dht::decode(input);
    if (!first) {
        return 0;
    }
    const std::string text = dht::encode(*first, padded);
    const dht::result<dht::message> second = dht::decode(std::as_bytes(std::span{text}));
    BOOST_ASSERT(second.has_value() || text.size() > input.size());
    BOOST_ASSERT(!second || second->body.index() == first->body.index());
    BOOST_ASSERT(!second || second->transaction == first->transaction);
    return 0;
}
