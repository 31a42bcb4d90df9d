#include "proxy/admin/access_line.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

namespace proxy {
namespace {

using std::chrono::system_clock;

struct civil_time
{
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::milliseconds> time;
};

civil_time civil(system_clock::time_point instant)
{
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(instant);
    const auto day = std::chrono::floor<std::chrono::days>(milliseconds);
    return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss{milliseconds - day}};
}

constexpr std::string_view hexadecimal = "0123456789abcdef";

// Copies what needs no escape in runs: that is all of nearly every field.
template <class Escape>
void append_escaped(std::string& out, std::string_view text, Escape escape)
{
    const std::string_view kept = text.substr(0, longest_logged_field);
    std::size_t run = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        const auto octet = static_cast<unsigned char>(kept[i]);
        if (octet >= 0x20 && octet < 0x7F && octet != '"' && octet != '\\') {
            continue;
        }
        out.append(kept, run, i - run);
        escape(octet);
        run = i + 1;
    }
    out.append(kept, run);
    if (kept.size() < text.size()) {
        out.append("...");
    }
}

void append_common_text(std::string& out, std::string_view text)
{
    append_escaped(out, text, [&out](unsigned char octet) {
        out += '\\';
        if (octet == '"' || octet == '\\') {
            out += static_cast<char>(octet);
            return;
        }
        out += 'x';
        out += hexadecimal[octet >> 4U];
        out += hexadecimal[octet & 0xFU];
    });
}

void append_json_text(std::string& out, std::string_view text)
{
    append_escaped(out, text, [&out](unsigned char octet) {
        out += '\\';
        if (octet == '"' || octet == '\\') {
            out += static_cast<char>(octet);
            return;
        }
        out += "u00";
        out += hexadecimal[octet >> 4U];
        out += hexadecimal[octet & 0xFU];
    });
}

void append_common(std::string& out, const log_record& record)
{
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const civil_time when = civil(record.time);
    fmt::format_to(std::back_inserter(out),
        "{} - - [{:02}/{}/{:04}:{:02}:{:02}:{:02} +0000] \"",
        record.client.to_string(),
        static_cast<unsigned>(when.date.day()),
        months[static_cast<unsigned>(when.date.month()) - 1],
        static_cast<int>(when.date.year()),
        when.time.hours().count(),
        when.time.minutes().count(),
        when.time.seconds().count());
    if (record.method.empty()) {
        out += '-';  // refused before there was a request line
    } else {
        append_common_text(out, record.method);
        out += ' ';
        append_common_text(out, record.target);
        fmt::format_to(std::back_inserter(out), " HTTP/1.{}", record.minor_version);
    }
    fmt::format_to(std::back_inserter(out), "\" {} {}\n", record.status, record.content_octets);
}

void append_json_field(std::string& out, std::string_view name, std::string_view text)
{
    out.append(",\"").append(name).append("\":\"");
    append_json_text(out, text);
    out += '"';
}

void append_json(std::string& out, const log_record& record)
{
    const civil_time when = civil(record.time);
    fmt::format_to(std::back_inserter(out),
        "{{\"time\":\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\",\"client\":\"{}\"",
        static_cast<int>(when.date.year()),
        static_cast<unsigned>(when.date.month()),
        static_cast<unsigned>(when.date.day()),
        when.time.hours().count(),
        when.time.minutes().count(),
        when.time.seconds().count(),
        when.time.subseconds().count(),
        record.client.to_string());
    append_json_field(out, "method", record.method);
    append_json_field(out, "host", record.host);
    append_json_field(out, "target", record.target);
    std::string cache_status;
    append_cache_status(cache_status, "", record.cache);
    const std::string_view parameters = std::string_view{cache_status}.substr(
        cache_status.empty() ? 0 : 1);  // without the ';' that follows a name
    fmt::format_to(std::back_inserter(out),
        ",\"protocol\":\"HTTP/1.{}\",\"status\":{},\"bytes_to_client\":{},\"source\":\"{}\","
        "\"cache_status\":\"{}\",\"duration_ms\":{:.3f}}}\n",
        record.minor_version,
        record.status,
        record.content_octets,
        to_string(record.cache.source),
        parameters,
        std::chrono::duration<double, std::milli>(record.duration).count());
}

}  // namespace

void append_access_line(std::string& out, const log_record& record, log_format format)
{
    if (format == log_format::json) {
        append_json(out, record);
    } else {
        append_common(out, record);
    }
}

}  // namespace proxy
