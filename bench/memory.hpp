#pragma once

#include <malloc.h>

namespace bench {

// Of the heap of this process.
inline double allocated_octets()
{
    const struct mallinfo2 now = mallinfo2();
    return static_cast<double>(now.uordblks + now.hblkhd);
}

}  // namespace bench
