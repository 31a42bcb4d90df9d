#pragma once

#include "bench/crowd_summary.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bench {

// The terminal while a crowd runs: one block that is written over itself, or a line each two
// seconds where standard output is no terminal. Colour only on a terminal, and not with NO_COLOR
// (no-color.org).
class crowd_display
{
public:
    crowd_display(std::string title, std::chrono::seconds crowd_duration);

    void update(const crowd_summary& now);
    // Writes the last state; the block then stays.
    void finish(const crowd_summary& now);

private:
    void draw_block(const crowd_summary& now);
    void print_line(const crowd_summary& now);

    std::string title_;
    std::chrono::duration<double> crowd_duration_;
    bool terminal_;
    std::size_t lines_drawn_ = 0;
    std::chrono::duration<double> next_line_{};
};

struct table_column
{
    std::string title;
    crowd_summary summary;
};

// Crowds side by side, one column each.
void print_table(const std::vector<table_column>& columns);

std::string emphasized(std::string_view text);

}  // namespace bench
