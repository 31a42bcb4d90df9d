#pragma once

#include <malloc.h>
#include <sys/resource.h>

namespace bench {

// Of the heap of this process.
inline double allocated_octets()
{
    const struct mallinfo2 now = mallinfo2();
    return static_cast<double>(now.uordblks + now.hblkhd);
}

// Of this process, at most since its start.
inline double most_resident_octets()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return 1024.0 * static_cast<double>(used.ru_maxrss);
}

}  // namespace bench
