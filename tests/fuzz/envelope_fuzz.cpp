// Any octets as a sealed datagram; and any octets sealed, altered in one place, and opened.

#include "dht/core/envelope.hpp"
#include "tests/fuzz/counting_random.hpp"

#include <boost/assert.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace std::chrono_literals;

constexpr dht::unix_time noon{1'800'000'000s};

// The key that the corpus is sealed with.
constexpr std::string_view known =
    "atoll-swarm-1:AAECAwQFBgcICQoLDA0ODwMgISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-Pw";

void check_sealed(dht::envelope& both, std::string_view text, std::size_t place, char altered)
{
    std::string sealed = both.seal(dht::direction::query, text, noon);
    const auto opened = both.open(std::as_bytes(std::span{sealed}), noon);
    BOOST_ASSERT(opened.has_value());
    BOOST_ASSERT(opened->datagram.size() == text.size());
    BOOST_ASSERT(opened->which == dht::direction::query);
    char& octet = sealed[place % sealed.size()];
    if (octet != altered) {
        octet = altered;
        BOOST_ASSERT(both.open(std::as_bytes(std::span{sealed}), noon).has_error());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    counting_random random;
    static const dht::swarm_ring ring = *dht::swarm_ring::of({*dht::swarm_key::parse(known)});
    dht::envelope both{ring, 60s, random};
    const std::span<const std::byte> input = std::as_bytes(std::span{data, size});
    const auto opened = both.open(input, noon);
    BOOST_ASSERT(!opened || opened->datagram.size() == size - dht::envelope::octets_added);
    if (size >= 2) {
        const std::string_view text{reinterpret_cast<const char*>(data), size};
        check_sealed(both, text.substr(2), data[0], static_cast<char>(data[1]));
    }
    // As the text of a key.
    const auto key = dht::swarm_key::parse({reinterpret_cast<const char*>(data), size});
    BOOST_ASSERT(!key || key->text().size() == size);
    return 0;
}
