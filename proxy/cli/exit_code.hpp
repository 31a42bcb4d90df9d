// What the shell learns. Scripts depend on these numbers.

#pragma once

namespace proxy {

enum exit_code : int
{
    exit_ok = 0,
    exit_failure = 1,      // of this machine: a file cannot be written, a port is taken
    exit_usage = 2,        // the command line is not understood
    exit_not_cached = 3,   // only what is cached was asked for, and it is not
    exit_integrity = 4,    // the body is not the one that was promised
    exit_upstream = 5,     // the origin or the network failed, or refused
    exit_timeout = 6,      // nothing came in time
    exit_unreachable = 7,  // no peer answers on this machine
    exit_bad_config = 78,  // EX_CONFIG of sysexits.h, which systemd names
};

}  // namespace proxy
