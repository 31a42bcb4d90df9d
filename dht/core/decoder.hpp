// From datagrams to messages. Each length and number is checked here; nothing behind this file sees
// an octet that was not.

#pragma once

#include "dht/core/errc.hpp"
#include "dht/core/message.hpp"

#include <cstddef>
#include <span>

namespace dht {

// Contacts and pointers in a form that cannot be a node's address are left out; unknown fields are
// ignored (BEP 5); everything else that does not fit is an error.
result<message> decode(std::span<const std::byte> datagram);

}  // namespace dht
