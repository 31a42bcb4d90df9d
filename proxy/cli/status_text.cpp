#include "proxy/cli/status_text.hpp"

#include "proxy/cli/report_member.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <optional>

namespace proxy {
namespace {

namespace json = boost::json;

std::optional<double> fraction(const json::value& value)
{
    boost::system::error_code error;
    const double number = value.to_number<double>(error);
    return error ? std::nullopt : std::optional{number};
}

std::string percent(const json::value& value)
{
    const std::optional<double> share = fraction(value);
    return share ? fmt::format("{:.1f} %", *share * 100) : "not yet known";
}

std::string readable_time(std::uint64_t seconds)
{
    constexpr std::uint64_t minute = 60;
    constexpr std::uint64_t hour = 60 * minute;
    constexpr std::uint64_t day = 24 * hour;
    if (seconds >= day) {
        return fmt::format("{} d {} h", seconds / day, seconds % day / hour);
    }
    if (seconds >= hour) {
        return fmt::format("{} h {} min", seconds / hour, seconds % hour / minute);
    }
    return seconds >= minute ? fmt::format("{} min {} s", seconds / minute, seconds % minute)
                             : fmt::format("{} s", seconds);
}

using buffer = std::back_insert_iterator<std::string>;

void write_head(const json::value& report, buffer out)
{
    fmt::format_to(out,
        "atoll {}, up {}, {}, network {}\n\n",
        text(report, "/version"),
        readable_time(count(report, "/uptime_seconds")),
        is_true(report, "/ready") ? "ready" : "not ready",
        text(report, "/network"));
    fmt::format_to(out, "clients  {}\n", text(report, "/addresses/client"));
    const json::value& used = member(report, "/peers/enabled");
    if (used.is_bool() && !used.get_bool()) {
        fmt::format_to(out, "peers    not used\n");
    } else {
        const json::value& also = member(report, "/addresses/peer6");
        fmt::format_to(out,
            "peers    {}{}{}, {} known\n",
            text(report, "/addresses/peer"),
            also.is_string() ? " and " : "",
            also.is_string() ? std::string_view{also.get_string()} : "",
            count(report, "/peers/known"));
    }
    fmt::format_to(out,
        "store    {} of {}, {}, {}\n",
        readable_octets(count(report, "/store/bytes")),
        readable_octets(count(report, "/store/limit_bytes")),
        counted(count(report, "/store/objects"), "object"),
        text(report, "/store/state"));
    fmt::format_to(out,
        "memory   {} of {}, {}\n",
        readable_octets(count(report, "/memory/bytes")),
        readable_octets(count(report, "/memory/limit_bytes")),
        counted(count(report, "/memory/objects"), "object"));
}

void write_levels(const json::value& report, buffer out)
{
    const json::value& levels = member(report, "/index/levels");
    if (levels.is_array()) {
        for (const json::value& level : levels.get_array()) {
            fmt::format_to(out,
                "level {}  {}within {} ms: cluster {}, {} known of about {:.0f}\n",
                count(level, "/level"),
                is_true(level, "/ipv6") ? "IPv6, " : "",
                count(level, "/bound_ms"),
                text(level, "/cluster"),
                count(level, "/members"),
                fraction(member(level, "/size")).value_or(1));
        }
    }
}

void write_drops(const json::value& report, buffer out)
{
    const json::value& dropped = member(report, "/index/dropped");
    if (dropped.is_object()) {
        for (const auto& [reason, value] : dropped.get_object()) {
            const std::uint64_t datagrams =
                count(dropped, fmt::format("/{}", std::string_view{reason}));
            if (datagrams > 0) {
                fmt::format_to(out,
                    "dropped  {}, {}\n",
                    counted(datagrams, "datagram"),
                    std::string_view{reason});
            }
        }
    }
}

// What this peer keeps for the index, what others ask it most about, which clusters it is in, and
// what datagrams it did not use.
void write_index(const json::value& report, buffer out)
{
    if (!member(report, "/index").is_object()) {
        return;
    }
    fmt::format_to(out,
        "index    network of about {:.0f}, {} kept for others, {} announced\n",
        fraction(member(report, "/index/network_size")).value_or(1),
        counted(count(report, "/index/values"), "pointer"),
        count(report, "/index/announcements"));
    const json::value& addresses = member(report, "/index/addresses");
    if (addresses.is_array()) {
        for (const json::value& one : addresses.get_array()) {
            fmt::format_to(out, "seen at  {}, {}\n", text(one, "/address"), text(one, "/reached"));
        }
    }
    const json::value& busy = member(report, "/index/busy_keys");
    if (busy.is_array()) {
        for (const json::value& one : busy.get_array()) {
            fmt::format_to(out,
                "key      {}: {} in a minute{}\n",
                text(one, "/key"),
                counted(count(one, "/requests"), "request"),
                is_true(one, "/root") ? ", nobody closer known" : "");
        }
    }
    write_levels(report, out);
    write_drops(report, out);
}

void write_sources(const json::value& report, buffer out)
{
    static constexpr std::array<std::string_view, 6> sources{
        "memory", "disk", "peer", "origin", "none", "total"};
    fmt::format_to(out, "\n{:<10}{:>12}{:>14}\n", "source", "requests", "to clients");
    for (const std::string_view source : sources) {
        fmt::format_to(out,
            "{:<10}{:>12}{:>14}\n",
            source,
            count(report, fmt::format("/requests/{}", source)),
            readable_octets(count(report, fmt::format("/bytes_to_client/{}", source))));
    }
    fmt::format_to(out,
        "\norigins were asked {} for {}; peers were given {}\n",
        counted(count(report, "/origin/requests"), "time"),
        readable_octets(count(report, "/origin/bytes")),
        readable_octets(count(report, "/peers_served/bytes")));
    fmt::format_to(out,
        "offload so far: {} of bytes, {} of requests\n",
        percent(member(report, "/offload/bytes")),
        percent(member(report, "/offload/requests")));
}

void write_contacts(const json::value& report, buffer out)
{
    const json::value& contacts = member(report, "/peers/contacts");
    if (!contacts.is_array() || contacts.get_array().empty()) {
        return;
    }
    fmt::format_to(
        out, "\n{:<30}{:>14}{:>13}{:>10}\n", "known peer", "round trip", "shared bits", "silent");
    for (const json::value& contact : contacts.get_array()) {
        const std::optional<double> round_trip = fraction(member(contact, "/round_trip_ms"));
        fmt::format_to(out,
            "{:<30}{:>14}{:>13}{:>10}\n",
            text(contact, "/address"),
            round_trip ? fmt::format("{:.1f} ms", *round_trip) : "-",
            count(contact, "/shared_bits"),
            count(contact, "/failures"));
    }
}

}  // namespace

std::string readable_octets(std::uint64_t octets)
{
    static constexpr std::array<std::string_view, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (octets < 1024) {
        return fmt::format("{} B", octets);
    }
    double scaled = static_cast<double>(octets) / 1024;
    std::size_t unit = 0;
    while (scaled >= 1024 && unit + 1 < units.size()) {
        scaled /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", scaled, units[unit]);
}

boost::system::result<std::string> status_text(std::string_view json_text)
{
    boost::system::error_code error;
    const json::value report = json::parse({json_text.data(), json_text.size()}, error);
    if (error) {
        return error;
    }
    if (!member(report, "/version").is_string()) {
        return make_error_code(boost::system::errc::bad_message);
    }
    std::string out;
    write_head(report, std::back_inserter(out));
    write_index(report, std::back_inserter(out));
    write_sources(report, std::back_inserter(out));
    write_contacts(report, std::back_inserter(out));
    return {boost::system::in_place_value, std::move(out)};
}

}  // namespace proxy
