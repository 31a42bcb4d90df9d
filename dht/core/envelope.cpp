#include "dht/core/envelope.hpp"

namespace dht {
namespace {

constexpr std::uint8_t version = 0xc1;
constexpr std::uint8_t slot_bits = 0x0f;
constexpr std::uint8_t unused_bits = 0x70;
constexpr unsigned direction_shift = 7;

constexpr std::size_t header_octets = 2;
constexpr std::size_t time_octets = 4;
constexpr std::size_t text_begin = header_octets + xaes_256_gcm::nonce_octets;

using octets_view = std::span<const std::uint8_t>;

xaes_256_gcm::nonce_view nonce_of(octets_view sealed)
{
    return sealed.subspan<header_octets, xaes_256_gcm::nonce_octets>();
}

// The last 32 bits: differences stay right when they begin again in 2106.
std::uint32_t stamp_of(unix_time now)
{
    return static_cast<std::uint32_t>(now.time_since_epoch().count());
}

std::uint32_t read_stamp(octets_view text)
{
    std::uint32_t stamp = 0;
    for (const std::uint8_t octet : text.first<time_octets>()) {
        stamp = stamp << 8 | octet;
    }
    return stamp;
}

}  // namespace

envelope::envelope(const swarm_ring& ring, std::chrono::seconds tolerance, random_source& random)
    : primary_slot_(ring.keys().front().slot()), tolerance_(tolerance), random_(random)
{
    for (const swarm_key& key : ring.keys()) {
        ciphers_[key.slot()].emplace(key.derive("datagram"));
    }
}

std::string envelope::seal(direction which, std::string_view datagram, unix_time now)
{
    std::string sealed(datagram.size() + octets_added, '\0');
    const std::span<std::uint8_t> out{
        reinterpret_cast<std::uint8_t*>(sealed.data()), sealed.size()};
    out[0] = version;
    out[1] =
        static_cast<std::uint8_t>(primary_slot_ | static_cast<unsigned>(which) << direction_shift);
    random_.fill(out.subspan(header_octets, xaes_256_gcm::nonce_octets));
    text_.resize(time_octets);
    const std::uint32_t stamp = stamp_of(now);
    for (std::size_t i = 0; i < time_octets; ++i) {
        text_[i] = static_cast<std::uint8_t>(stamp >> 8 * (time_octets - 1 - i));
    }
    text_.insert(text_.end(), datagram.begin(), datagram.end());
    ciphers_[primary_slot_]->seal(
        nonce_of(out), out.first(header_octets), text_, out.subspan(text_begin));
    return sealed;
}

boost::system::result<envelope::opened, drop_reason> envelope::open(
    std::span<const std::byte> sealed, unix_time now)
{
    const octets_view in{reinterpret_cast<const std::uint8_t*>(sealed.data()), sealed.size()};
    if (in.size() < octets_added || in[0] != version || (in[1] & unused_bits) != 0) {
        return drop_reason::not_sealed;
    }
    std::optional<xaes_256_gcm>& cipher = ciphers_[in[1] & slot_bits];
    if (!cipher) {
        return drop_reason::unknown_key;
    }
    text_.resize(in.size() - text_begin - xaes_256_gcm::tag_octets);
    if (!cipher->open(nonce_of(in), in.first(header_octets), in.subspan(text_begin), text_)) {
        return drop_reason::not_authentic;
    }
    const auto ahead = static_cast<std::int32_t>(read_stamp(text_) - stamp_of(now));
    const std::chrono::seconds difference{ahead};
    if (difference > tolerance_ || difference < -tolerance_) {
        return drop_reason::wrong_time;
    }
    return opened{static_cast<direction>(in[1] >> direction_shift),
        std::as_bytes(octets_view{text_}.subspan(time_octets))};
}

}  // namespace dht
