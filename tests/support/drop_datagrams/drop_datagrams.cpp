// A library to preload into a program (LD_PRELOAD): while the file named by the environment
// variable DROP_DATAGRAMS_WHILE_EXISTS exists, what the program sends over UDP is lost, although
// every call succeeds. So a firewall in front of the index port can be tried without the right to
// set one up.

#include <cstdlib>

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

bool lost(int descriptor)
{
    static const char* const file = std::getenv("DROP_DATAGRAMS_WHILE_EXISTS");
    int type = 0;
    socklen_t size = sizeof type;
    return file != nullptr && getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_DGRAM && access(file, F_OK) == 0;
}

template <typename Function>
Function* next(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

ssize_t octets_of(const msghdr* message)
{
    std::size_t octets = 0;
    for (std::size_t part = 0; part < message->msg_iovlen; ++part) {
        octets += message->msg_iov[part].iov_len;
    }
    return static_cast<ssize_t>(octets);
}

}  // namespace

// The C library names parameters with leading underscores.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

ssize_t send(int descriptor, const void* data, size_t octets, int flags)
{
    static auto* const real = next<decltype(send)>("send");
    return lost(descriptor) ? static_cast<ssize_t>(octets) : real(descriptor, data, octets, flags);
}

// POSIX decides about the parameters. NOLINTNEXTLINE(readability-function-size)
ssize_t sendto(int descriptor,
    const void* data,
    size_t octets,
    int flags,
    const sockaddr* to,
    socklen_t to_octets)
{
    static auto* const real = next<decltype(sendto)>("sendto");
    return lost(descriptor) ? static_cast<ssize_t>(octets)
                            : real(descriptor, data, octets, flags, to, to_octets);
}

ssize_t sendmsg(int descriptor, const msghdr* message, int flags)
{
    static auto* const real = next<decltype(sendmsg)>("sendmsg");
    return lost(descriptor) ? octets_of(message) : real(descriptor, message, flags);
}

int sendmmsg(int descriptor, mmsghdr* messages, unsigned count, int flags)
{
    static auto* const real = next<decltype(sendmmsg)>("sendmmsg");
    if (!lost(descriptor)) {
        return real(descriptor, messages, count, flags);
    }
    for (unsigned index = 0; index < count; ++index) {
        messages[index].msg_len = static_cast<unsigned>(octets_of(&messages[index].msg_hdr));
    }
    return static_cast<int>(count);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
