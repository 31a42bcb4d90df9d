// The running peer: builds the components and wires them; owns threads and shutdown.

#pragma once

#include "proxy/config.hpp"

namespace proxy {

// Runs until SIGINT or SIGTERM has drained it; returns the exit code of the process. What prevents
// the start (a port in use, a folder that cannot be used or belongs to another process) is told on
// standard error, with exit code 1.
int run_server(const settings& values);

}  // namespace proxy
