#pragma once

#include <cstdint>

namespace support {

// A TCP port of 127.0.0.1 that nobody used a moment ago: for programs that cannot pick one
// themselves (nginx) and for "nobody listens there". The kernel hands out ephemeral ports in turn,
// so that the same one hardly comes again within a test.
std::uint16_t free_port();

}  // namespace support
