// The running peer: builds the components and wires them; owns threads and shutdown.

#pragma once

#include "proxy/config.hpp"
#include "proxy/config_load.hpp"

namespace proxy {

// Runs until SIGINT or SIGTERM has drained it; SIGHUP and /v1/reload read the configuration again.
// Returns the exit code of the process. What prevents
// the start (a port in use, a folder that cannot be used or belongs to another process) is told on
// standard error, with exit code 1.
int run_server(const settings& values, const settings_reader& again);

}  // namespace proxy
