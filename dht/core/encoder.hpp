// From messages to datagrams.

#pragma once

#include "dht/core/message.hpp"

#include <cstddef>
#include <string>

namespace dht {

// Queries of the sloppy table that are answered with contacts are padded to at least padded_octets,
// which earns the full answer (see responder).
std::string encode(const message& what, std::size_t padded_octets);

// The same message under another transaction number of the same length.
std::string with_transaction(
    std::string encoded, const std::string& before, const std::string& after);

}  // namespace dht
