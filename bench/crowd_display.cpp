#include "bench/crowd_display.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace bench {
namespace {

using support::answer_source;

constexpr std::chrono::seconds line_interval{2};

bool is_terminal()
{
    const char* const terminal = std::getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && terminal != nullptr &&
           std::string_view(terminal) != "dumb";
}

std::string formatted(const char* format, double value)
{
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string count_text(std::size_t count)
{
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3; at -= 3) {
        text.insert(at - 3, " ");
    }
    return text;
}

std::string time_text(std::chrono::duration<double> time)
{
    const double milliseconds = time.count() * 1e3;
    if (milliseconds < 10) {
        return formatted("%.1f ms", milliseconds);
    }
    return milliseconds < 1e3 ? formatted("%.0f ms", milliseconds)
                              : formatted("%.1f s", milliseconds / 1e3);
}

std::string kilobyte_text(std::uint64_t octets)
{
    return count_text(octets / 1'000) + " kB";
}

std::string percent_text(double share)
{
    return formatted("%.1f %%", share * 100);
}

// While the first bodies are still under way the origin has sent more than clients have whole.
std::string offload_so_far(const crowd_summary& now)
{
    return now.waiting() > 0 && now.offload() <= 0 ? "-" : percent_text(now.offload());
}

std::string source_text(const crowd_summary& now, answer_source source)
{
    return count_text(now.from.at(support::index_of(source)));
}

std::string padded(std::string text, std::size_t width)
{
    return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

struct table_row
{
    const char* title;
    std::string (*value)(const crowd_summary&);
};

template <answer_source Source>
std::string from(const crowd_summary& summary)
{
    return source_text(summary, Source);
}

const std::vector<table_row>& rows()
{
    using summary = const crowd_summary&;
    static const std::vector<table_row> all{
        {"requests", [](summary s) { return count_text(s.asked); }},
        {"  served, every byte compared", [](summary s) { return count_text(s.correct); }},
        {"  wrong bytes", [](summary s) { return count_text(s.wrong_bodies); }},
        {"  failed", [](summary s) { return count_text(s.failed); }},
        {"  refused by a killed peer, retried", [](summary s) { return count_text(s.refused); }},
        {"  cut off by a killed peer, retried", [](summary s) { return count_text(s.cut_off); }},
        {"answered from memory", from<answer_source::memory>},
        {"  from disk", from<answer_source::disk>},
        {"  joining a fetch under way", from<answer_source::collapsed>},
        {"  from another peer", from<answer_source::peer>},
        {"  from the origin", from<answer_source::origin>},
        {"  did not say", from<answer_source::unknown>},
        {"origin: requests", [](summary s) { return count_text(s.origin.requests); }},
        {"origin: sent", [](summary s) { return kilobyte_text(s.origin.octets); }},
        {"clients: received", [](summary s) { return kilobyte_text(s.client_octets); }},
        {"offload", [](summary s) { return percent_text(s.offload()); }},
        {"waiting time: median", [](summary s) { return time_text(s.median); }},
        {"waiting time: 99 of 100 within", [](summary s) { return time_text(s.percentile_99); }},
        {"waiting time: longest", [](summary s) { return time_text(s.maximum); }},
        {"until the last answer", [](summary s) { return time_text(s.elapsed); }},
    };
    return all;
}

bool worth_a_row(const table_row& row, const std::vector<table_column>& columns)
{
    const std::string_view title = row.title;
    if (title.find("killed") == std::string_view::npos &&
        title.find("did not say") == std::string_view::npos) {
        return true;
    }
    for (const table_column& column : columns) {
        if (row.value(column.summary) != "0") {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string emphasized(std::string_view text)
{
    const bool colour = is_terminal() && std::getenv("NO_COLOR") == nullptr;
    return colour ? "\x1b[1;36m" + std::string(text) + "\x1b[0m" : std::string(text);
}

crowd_display::crowd_display(std::string title, std::chrono::seconds crowd_duration)
    : title_(std::move(title)), crowd_duration_(crowd_duration), terminal_(is_terminal())
{
    std::printf("\n%s\n", emphasized(title_).c_str());
}

void crowd_display::update(const crowd_summary& now)
{
    if (terminal_) {
        draw_block(now);
    } else if (now.elapsed >= next_line_) {
        next_line_ += line_interval;
        print_line(now);
    }
}

void crowd_display::finish(const crowd_summary& now)
{
    if (terminal_) {
        draw_block(now);
    } else {
        print_line(now);
    }
}

void crowd_display::draw_block(const crowd_summary& now)
{
    const bool over = now.elapsed >= crowd_duration_;
    const std::vector<std::string> lines{
        "  time      " + formatted("%.1f s of ", now.elapsed.count()) +
            formatted("%.0f s", crowd_duration_.count()) +
            (over && now.waiting() > 0 ? ", now waiting for the last answers" : ""),
        "  requests  " + count_text(now.asked) + " asked, " + count_text(now.correct) +
            " served, " + count_text(now.waiting()) + " waiting, " +
            count_text(now.failed + now.wrong_bodies) + " failed",
        "  from      memory " + source_text(now, answer_source::memory) + ", disk " +
            source_text(now, answer_source::disk) + ", joined " +
            source_text(now, answer_source::collapsed) + ", peers " +
            source_text(now, answer_source::peer) + ", origin " +
            source_text(now, answer_source::origin),
        "  origin    " + count_text(now.origin.requests) + " requests, " +
            kilobyte_text(now.origin.octets) + " sent",
        "  offload   " + offload_so_far(now),
        "  waiting   median " + time_text(now.median) + ", 99 of 100 within " +
            time_text(now.percentile_99) + ", longest " + time_text(now.maximum),
    };
    std::string text = lines_drawn_ > 0 ? "\x1b[" + std::to_string(lines_drawn_) + "A" : "";
    for (const std::string& line : lines) {
        text += "\x1b[2K" + line + "\n";
    }
    lines_drawn_ = lines.size();
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

void crowd_display::print_line(const crowd_summary& now)
{
    std::printf(
        "  %5.1f s: %s asked, %s served, %s waiting, %s failed; origin %s requests, %s; "
        "offload %s\n",
        now.elapsed.count(),
        count_text(now.asked).c_str(),
        count_text(now.correct).c_str(),
        count_text(now.waiting()).c_str(),
        count_text(now.failed + now.wrong_bodies).c_str(),
        count_text(now.origin.requests).c_str(),
        kilobyte_text(now.origin.octets).c_str(),
        offload_so_far(now).c_str());
    std::fflush(stdout);
}

void print_table(const std::vector<table_column>& columns)
{
    constexpr std::size_t title_width = 38;
    constexpr std::size_t column_width = 16;
    std::string head = std::string(title_width, ' ');
    for (const table_column& column : columns) {
        head += padded(column.title, column_width);
    }
    std::printf("\n%s\n", emphasized(head).c_str());
    for (const table_row& row : rows()) {
        if (!worth_a_row(row, columns)) {
            continue;
        }
        std::string line = row.title;
        line.resize(title_width, ' ');
        for (const table_column& column : columns) {
            line += padded(row.value(column.summary), column_width);
        }
        std::printf("%s\n", line.c_str());
    }
    std::fflush(stdout);
}

}  // namespace bench
