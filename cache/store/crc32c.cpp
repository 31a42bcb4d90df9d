#include "cache/store/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace cache {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82f63b78;

using table = std::array<std::array<std::uint32_t, 256>, 8>;

// Eight tables take eight octets a step ("slicing by 8").
constexpr table make_tables()
{
    table tables{};
    for (std::uint32_t octet = 0; octet != 256; ++octet) {
        std::uint32_t remainder = octet;
        for (int bit = 0; bit != 8; ++bit) {
            remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? reflected_polynomial : 0);
        }
        tables[0][octet] = remainder;
    }
    for (std::size_t i = 1; i != tables.size(); ++i) {
        for (std::size_t octet = 0; octet != 256; ++octet) {
            const std::uint32_t before = tables[i - 1][octet];
            tables[i][octet] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

constexpr table tables = make_tables();

std::uint64_t load(const char* at)
{
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

std::uint32_t step(std::uint32_t state, char octet)
{
    return (state >> 8) ^ tables[0][(state ^ static_cast<unsigned char>(octet)) & 0xff];
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(
    std::string_view octets, std::uint32_t previous)
{
    std::uint64_t state = ~previous;
    while (octets.size() >= sizeof(std::uint64_t)) {
        state = __builtin_ia32_crc32di(state, load(octets.data()));
        octets.remove_prefix(sizeof(std::uint64_t));
    }
    auto narrow = static_cast<std::uint32_t>(state);
    for (const char octet : octets) {
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(octet));
    }
    return ~narrow;
}
#endif

}  // namespace

std::uint32_t crc32c(std::string_view octets, std::uint32_t previous)
{
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) {
        return crc32c_sse42(octets, previous);
    }
#endif
    return crc32c_portable(octets, previous);
}

std::uint32_t crc32c_portable(std::string_view octets, std::uint32_t previous)
{
    std::uint32_t state = ~previous;
    while (octets.size() >= 8) {
        std::uint32_t next = 0;
        for (std::size_t i = 0; i != 4; ++i) {
            const std::uint32_t octet = static_cast<unsigned char>(octets[i]);
            next ^= tables[7 - i][(octet ^ (state >> (8 * i))) & 0xff];
            next ^= tables[3 - i][static_cast<unsigned char>(octets[i + 4])];
        }
        state = next;
        octets.remove_prefix(8);
    }
    for (const char octet : octets) {
        state = step(state, octet);
    }
    return ~state;
}

}  // namespace cache
