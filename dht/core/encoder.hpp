// From messages to datagrams.

#pragma once

#include "dht/core/message.hpp"

#include <cstddef>
#include <string>

namespace dht {

// Queries of the sloppy table that are answered with contacts are padded to at least padded_octets,
// which earns the full answer (see responder).
std::string encode(const message& what, std::size_t padded_octets);

}  // namespace dht
