// Big-endian numbers and counted texts, to and from octets.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cache {

class octet_writer
{
public:
    template <std::integral Number>
    void number(Number value)
    {
        const auto bits = static_cast<std::make_unsigned_t<Number>>(value);
        for (std::size_t i = sizeof bits; i-- != 0;) {
            octets_.push_back(static_cast<char>((bits >> (8 * i)) & 0xff));
        }
    }

    // The caller has limited the length.
    void text(std::string_view value)
    {
        number(static_cast<std::uint32_t>(value.size()));
        octets_.append(value);
    }

    std::string take() && { return std::move(octets_); }

private:
    std::string octets_;
};

// Reads on after a failure, as zeros and empty texts: one check at the end of a record is enough,
// as long as no loop is bounded by a number that was read and not yet checked.
class octet_reader
{
public:
    explicit octet_reader(std::string_view octets) : rest_{octets} {}

    template <std::integral Number>
    Number number()
    {
        std::make_unsigned_t<Number> bits = 0;
        for (const char octet : take(sizeof bits)) {
            bits = static_cast<decltype(bits)>(
                (static_cast<std::uint64_t>(bits) << 8) | static_cast<unsigned char>(octet));
        }
        return static_cast<Number>(bits);
    }

    std::string_view text() { return take(number<std::uint32_t>()); }

    bool failed() const { return failed_; }

    // Everything was read, and nothing more than there was.
    bool finished() const { return !failed_ && rest_.empty(); }

private:
    std::string_view take(std::size_t count)
    {
        if (count > rest_.size()) {
            failed_ = true;
            rest_ = {};
            return {};
        }
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace cache
