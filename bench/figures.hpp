// What the programs that print figures share.

#pragma once

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace bench {

// Of at least one.
inline double median_of(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

using file = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// None if it cannot be written; the terminal says so.
inline file open_for_writing(const std::string& path)
{
    file out{std::fopen(path.c_str(), "w"), std::fclose};
    if (!out) {
        std::fprintf(stderr, "cannot write %s\n", path.c_str());
    }
    return out;
}

}  // namespace bench
