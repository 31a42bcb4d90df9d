// A library to preload into a program (LD_PRELOAD): the plan in the file that the environment
// variable FAIL_CALLS_PLAN names says which of the program's fallible calls fails, once, with an
// error that it can have in the field.

#include "tests/support/fail_calls/plan.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdlib>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using support::fail_plan;

fail_plan* plan_of_this_process()
{
    const char* const file = std::getenv("FAIL_CALLS_PLAN");
    const int descriptor = file == nullptr ? -1 : static_cast<int>(open(file, O_RDWR | O_CLOEXEC));
    if (descriptor < 0) {
        return nullptr;
    }
    void* const page =
        mmap(nullptr, sizeof(fail_plan), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    return page == MAP_FAILED ? nullptr : static_cast<fail_plan*>(page);
}

fail_plan* plan()
{
    // Null while it is being set up: the calls for that pass.
    static std::atomic<fail_plan*> known = nullptr;
    static const bool set_up = [] {
        known = plan_of_this_process();
        return true;
    }();
    static_cast<void>(set_up);
    return known;
}

thread_local bool is_setting_up = false;

bool fails(fail_plan::kind kind)
{
    if (is_setting_up) {
        return false;
    }
    is_setting_up = true;
    fail_plan* const shared = plan();
    is_setting_up = false;
    if (shared == nullptr || (shared->kinds & kind) == 0 || shared->until_failure <= 0 ||
        --shared->until_failure != 0) {
        return false;
    }
    ++shared->failed;
    return true;
}

bool is_stream(int descriptor)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

bool is_regular(int descriptor)
{
    struct stat about = {};
    return fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

bool stream_fails(int descriptor)
{
    const int before = errno;
    const bool failed = is_stream(descriptor) && fails(fail_plan::sockets);
    errno = before;
    return failed;
}

bool file_fails(int descriptor)
{
    const int before = errno;
    const bool failed = is_regular(descriptor) && fails(fail_plan::files);
    errno = before;
    return failed;
}

template <typename Function>
Function* next(const char* name)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int refuse(int error)
{
    errno = error;
    return -1;
}

}  // namespace

// Defines NAME so that it fails with ERROR where CONDITION holds. A macro, because nothing else
// can name a function of the C library and call the next one of that name.
#define FAILING_CALL(RESULT, NAME, PARAMETERS, ARGUMENTS, CONDITION, ERROR)       \
    extern "C" RESULT NAME PARAMETERS                                             \
    {                                                                             \
        static auto* const real = next<RESULT PARAMETERS>(#NAME);                 \
        return (CONDITION) ? static_cast<RESULT>(refuse(ERROR)) : real ARGUMENTS; \
    }

// NOLINTBEGIN
FAILING_CALL(int, socket, (int a, int b, int c), (a, b, c), fails(fail_plan::sockets), EMFILE)
FAILING_CALL(int, accept, (int d, sockaddr* a, socklen_t* n), (d, a, n), stream_fails(d), EMFILE)
FAILING_CALL(int,
    accept4,
    (int d, sockaddr* a, socklen_t* n, int f),
    (d, a, n, f),
    stream_fails(d),
    ECONNABORTED)
FAILING_CALL(
    int, connect, (int d, const sockaddr* a, socklen_t n), (d, a, n), stream_fails(d), ECONNREFUSED)
FAILING_CALL(
    ssize_t, recv, (int d, void* p, size_t n, int f), (d, p, n, f), stream_fails(d), ECONNRESET)
FAILING_CALL(ssize_t, recvmsg, (int d, msghdr* m, int f), (d, m, f), stream_fails(d), ECONNRESET)
FAILING_CALL(
    ssize_t, send, (int d, const void* p, size_t n, int f), (d, p, n, f), stream_fails(d), EPIPE)
FAILING_CALL(ssize_t, sendmsg, (int d, const msghdr* m, int f), (d, m, f), stream_fails(d), EPIPE)
FAILING_CALL(ssize_t,
    sendfile,
    (int d, int s, off_t* o, size_t n),
    (d, s, o, n),
    stream_fails(d),
    ECONNRESET)
FAILING_CALL(ssize_t,
    sendfile64,
    (int d, int s, off_t* o, size_t n),
    (d, s, o, n),
    stream_fails(d),
    ECONNRESET)
FAILING_CALL(ssize_t, read, (int d, void* p, size_t n), (d, p, n), file_fails(d), EIO)
FAILING_CALL(ssize_t, pread, (int d, void* p, size_t n, off_t o), (d, p, n, o), file_fails(d), EIO)
FAILING_CALL(
    ssize_t, pread64, (int d, void* p, size_t n, off_t o), (d, p, n, o), file_fails(d), EIO)
FAILING_CALL(ssize_t, write, (int d, const void* p, size_t n), (d, p, n), file_fails(d), ENOSPC)
FAILING_CALL(
    ssize_t, pwrite, (int d, const void* p, size_t n, off_t o), (d, p, n, o), file_fails(d), ENOSPC)
FAILING_CALL(ssize_t,
    pwrite64,
    (int d, const void* p, size_t n, off_t o),
    (d, p, n, o),
    file_fails(d),
    ENOSPC)
FAILING_CALL(int, fsync, (int d), (d), file_fails(d), EIO)
FAILING_CALL(int, fdatasync, (int d), (d), file_fails(d), EIO)
FAILING_CALL(int, ftruncate, (int d, off_t n), (d, n), file_fails(d), EIO)
FAILING_CALL(int, ftruncate64, (int d, off_t n), (d, n), file_fails(d), EIO)
FAILING_CALL(int, rename, (const char* a, const char* b), (a, b), fails(fail_plan::files), EIO)
// NOLINTEND
