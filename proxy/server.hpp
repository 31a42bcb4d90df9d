// The running peer: builds the components and wires them; owns threads and shutdown.

#pragma once

#include "proxy/config.hpp"

namespace proxy {

// Runs until SIGINT or SIGTERM has drained it; returns the exit code of the process.
int run_server(const settings& values);

}  // namespace proxy
