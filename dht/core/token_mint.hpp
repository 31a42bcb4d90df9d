// Tokens: who echoes one has received a datagram of ours at the address it speaks from (BEP 5).

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dht {

// Whether the node that handed out a token had room in its leak for that put: it then stores it
// even where it is full. Kept in the token, so that no state is spent on who only asked.
enum class admission : std::uint8_t
{
    ordinary = 0,
    leaked = 1,
};

// Makes and checks tokens of 8 octets: HMAC-SHA-256 of address, port, key and admission under a
// secret. Two secrets are valid at a time; four octets could be guessed in half a day.
class token_mint
{
public:
    token_mint(const config& settings, random_source& random, time_point now);

    std::string make(const endpoint& asker, const node_id& key, admission how, time_point now);

    // Nothing if the token is not ours, belongs to another asker or key, or is too old.
    std::optional<admission> check(
        std::string_view token, const endpoint& asker, const node_id& key, time_point now);

private:
    using secret = std::array<std::uint8_t, 32>;

    void rotate(time_point now);

    std::chrono::seconds rotation_;
    random_source& random_;
    secret current_{};
    secret previous_{};
    time_point rotate_at_;
};

}  // namespace dht
