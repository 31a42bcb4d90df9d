#include "cache/policy/http_date.hpp"

#include "cache/policy/grammar.hpp"

#include <boost/assert.hpp>

#include <array>

namespace cache {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr std::array<std::string_view, 7> weekdays{
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t short_name_octets = 3;

// Lengths of "Sun, 06 Nov 1994 08:49:37 GMT", of "06-Nov-94 08:49:37 GMT" after the name of the day
// in RFC 850, and of "Sun Nov  6 08:49:37 1994".
constexpr std::size_t imf_octets = 29;
constexpr std::size_t rfc850_tail_octets = 22;
constexpr std::size_t asctime_octets = 24;

constexpr std::chrono::years rfc850_horizon{50};

struct date_parts
{
    std::optional<unsigned> year;
    std::optional<unsigned> month;
    std::optional<unsigned> day;
    std::optional<std::chrono::seconds> time_of_day;
};

std::optional<unsigned> parse_digits(std::string_view text)
{
    unsigned value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

bool is_short_weekday(std::string_view text)
{
    for (const std::string_view name : weekdays) {
        if (equal_without_case(text, name.substr(0, short_name_octets))) {
            return true;
        }
    }
    return false;
}

bool is_weekday(std::string_view text)
{
    for (const std::string_view name : weekdays) {
        if (equal_without_case(text, name)) {
            return true;
        }
    }
    return false;
}

std::optional<unsigned> parse_month(std::string_view text)
{
    for (unsigned i = 0; i != months.size(); ++i) {
        if (equal_without_case(text, months[i])) {
            return i + 1;
        }
    }
    return std::nullopt;
}

// "08:49:37"; second 60 is a leap second and allowed by the grammar.
std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text)
{
    if (text[2] != ':' || text[5] != ':') {
        return std::nullopt;
    }
    const std::optional<unsigned> hour = parse_digits(text.substr(0, 2));
    const std::optional<unsigned> minute = parse_digits(text.substr(3, 2));
    const std::optional<unsigned> second = parse_digits(text.substr(6, 2));
    if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    return std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

std::optional<sys_seconds> to_time(const date_parts& parts)
{
    if (!parts.year || !parts.month || !parts.day || !parts.time_of_day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*parts.year)},
        std::chrono::month{*parts.month},
        std::chrono::day{*parts.day}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return sys_days{date} + *parts.time_of_day;
}

std::optional<sys_seconds> parse_imf_fixdate(std::string_view text)
{
    if (!is_short_weekday(text.substr(0, 3)) || text.substr(3, 2) != ", " || text[7] != ' ' ||
        text[11] != ' ' || text[16] != ' ' || !equal_without_case(text.substr(25), " GMT")) {
        return std::nullopt;
    }
    return to_time({.year = parse_digits(text.substr(12, 4)),
        .month = parse_month(text.substr(8, 3)),
        .day = parse_digits(text.substr(5, 2)),
        .time_of_day = parse_time_of_day(text.substr(17, 8))});
}

std::optional<sys_seconds> parse_asctime(std::string_view text)
{
    if (!is_short_weekday(text.substr(0, 3)) || text[3] != ' ' || text[7] != ' ' ||
        text[10] != ' ' || text[19] != ' ') {
        return std::nullopt;
    }
    // date3: two digits, or a space and one digit.
    const std::string_view day = text.substr(text[8] == ' ' ? 9 : 8, text[8] == ' ' ? 1 : 2);
    return to_time({.year = parse_digits(text.substr(20, 4)),
        .month = parse_month(text.substr(4, 3)),
        .day = parse_digits(day),
        .time_of_day = parse_time_of_day(text.substr(11, 8))});
}

// The two digits of the year leave the century open: the nearest one, and never more than 50 years
// ahead (RFC 9110, section 5.6.7).
std::optional<sys_seconds> with_century(date_parts parts, wall_time now)
{
    // Years of the calendar, not std::chrono's of 365.2425 days. From 29 February the sum may be no
    // date; it counts as 1 March then.
    const sys_days midnight = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day today{midnight};
    const wall_time horizon = sys_days{today + rfc850_horizon} + (now - midnight);
    const int century = static_cast<int>(today.year()) / 100 * 100;
    const unsigned digits = *parts.year;
    std::optional<sys_seconds> latest;
    for (const int candidate : {century - 100, century, century + 100}) {
        if (candidate < 0) {
            continue;
        }
        parts.year = static_cast<unsigned>(candidate) + digits;
        const std::optional<sys_seconds> time = to_time(parts);
        if (time && *time <= horizon) {
            latest = time;
        }
    }
    return latest;
}

std::optional<sys_seconds> parse_rfc850(std::string_view text, wall_time now)
{
    const std::size_t comma = text.find(", ");
    if (comma == std::string_view::npos || !is_weekday(text.substr(0, comma))) {
        return std::nullopt;
    }
    const std::string_view tail = text.substr(comma + 2);
    if (tail.size() != rfc850_tail_octets || tail[2] != '-' || tail[6] != '-' || tail[9] != ' ' ||
        !equal_without_case(tail.substr(18), " GMT")) {
        return std::nullopt;
    }
    const date_parts parts{.year = parse_digits(tail.substr(7, 2)),
        .month = parse_month(tail.substr(3, 3)),
        .day = parse_digits(tail.substr(0, 2)),
        .time_of_day = parse_time_of_day(tail.substr(10, 8))};
    return parts.year ? with_century(parts, now) : std::nullopt;
}

void append_digits(std::string& text, unsigned value, unsigned count)
{
    const std::size_t begin = text.size();
    text.append(count, '0');
    for (std::size_t i = text.size(); i != begin && value != 0; value /= 10) {
        text[--i] = static_cast<char>('0' + value % 10);
    }
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, wall_time now)
{
    if (text.size() == imf_octets && text[3] == ',') {
        return parse_imf_fixdate(text);
    }
    if (text.size() == asctime_octets) {
        return parse_asctime(text);
    }
    return parse_rfc850(text, now);
}

std::string format_http_date(sys_seconds time)
{
    const sys_days day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time_of_day{time - day};
    const int year = static_cast<int>(date.year());
    BOOST_ASSERT(year >= 0);
    BOOST_ASSERT(year <= 9999);

    std::string text;
    text.reserve(imf_octets);
    text.append(weekdays[std::chrono::weekday{day}.c_encoding()].substr(0, short_name_octets));
    text.append(", ");
    append_digits(text, static_cast<unsigned>(date.day()), 2);
    text.append(" ").append(months[static_cast<unsigned>(date.month()) - 1]).append(" ");
    append_digits(text, static_cast<unsigned>(year), 4);
    text.append(" ");
    append_digits(text, static_cast<unsigned>(time_of_day.hours().count()), 2);
    text.append(":");
    append_digits(text, static_cast<unsigned>(time_of_day.minutes().count()), 2);
    text.append(":");
    append_digits(text, static_cast<unsigned>(time_of_day.seconds().count()), 2);
    text.append(" GMT");
    return text;
}

}  // namespace cache
