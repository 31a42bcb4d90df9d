// BOOST_ASSERT states what only a bug can break. It stays on in release builds: a wrong body is
// worse than a restart, which costs a second and loses no stored object.

#include <boost/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace boost {

void assertion_failed_msg(
    const char* expr, const char* msg, const char* function, const char* file, long line)
{
    std::fprintf(stderr,
        "%s:%ld: %s: assertion '%s' failed%s%s\n",
        file,
        line,
        function,
        expr,
        msg == nullptr ? "" : ": ",
        msg == nullptr ? "" : msg);
    std::abort();
}

void assertion_failed(const char* expr, const char* function, const char* file, long line)
{
    assertion_failed_msg(expr, nullptr, function, file, line);
}

}  // namespace boost
