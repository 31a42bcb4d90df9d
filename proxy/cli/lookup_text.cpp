#include "proxy/cli/lookup_text.hpp"

#include "proxy/cli/report_member.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace proxy {
namespace {

namespace json = boost::json;
using buffer = std::back_insert_iterator<std::string>;

constexpr std::size_t shown_of_id = 8;

std::string answer_of(const json::value& step)
{
    const std::string outcome = text(step, "/outcome");
    std::string out = outcome;
    if (outcome == "values") {
        out = counted(count(step, "/pointers"), "pointer");
    } else if (outcome == "closer") {
        const std::uint64_t nodes = count(step, "/nodes");
        out = nodes == 0 ? "knows nobody closer" : counted(nodes, "node") + " to ask";
    } else if (outcome == "silent") {
        out = "timeout";
    } else if (outcome == "waiting") {
        out = "not awaited";
    }
    out += is_true(step, "/full") ? ", full" : "";
    out += is_true(step, "/loaded") ? ", loaded" : "";
    return out;
}

void write_steps(const json::array& steps, buffer out)
{
    fmt::format_to(out,
        "{:>3}  {:<8}  {:<21}  {:>5}  {:>11}  {:>10}  {}\n",
        "hop",
        "node",
        "address",
        "level",
        "shared bits",
        "round trip",
        "answer");
    std::size_t hop = 0;
    for (const json::value& step : steps) {
        boost::system::error_code error;
        const double took = member(step, "/round_trip_ms").to_number<double>(error);
        fmt::format_to(out,
            "{:>3}  {:<8}  {:<21}  {:>5}  {:>11}  {:>10}  {}\n",
            hop,
            text(step, "/node").substr(0, shown_of_id),
            hop == 0 ? "this peer" : text(step, "/address"),
            count(step, "/level"),
            count(step, "/shared_bits"),
            error || hop == 0 ? "-" : fmt::format("{:.1f} ms", took),
            answer_of(step));
        ++hop;
    }
}

void write_pointers(const json::value& report, const json::array& pointers, buffer out)
{
    fmt::format_to(out,
        "\n{} after {}, {}{}\n",
        pointers.empty() ? "no pointer" : counted(pointers.size(), "pointer"),
        counted(count(report, "/queries"), "question"),
        counted(count(report, "/hops"), "answer"),
        is_true(report, "/timed_out") ? "; the time was over" : "");
    for (const json::value& found : pointers) {
        fmt::format_to(out,
            "{}  {}, {} s left, load {}\n",
            text(found, "/address"),
            text(found, "/state"),
            count(found, "/life_seconds"),
            count(found, "/load"));
    }
}

}  // namespace

boost::system::result<std::string> lookup_text(std::string_view json_text)
{
    boost::system::error_code error;
    const json::value report = json::parse({json_text.data(), json_text.size()}, error);
    if (error) {
        return error;
    }
    const json::value& steps = member(report, "/steps");
    const json::value& pointers = member(report, "/pointers");
    if (!steps.is_array() || !pointers.is_array()) {
        return make_error_code(boost::system::errc::bad_message);
    }
    std::string out = "key " + text(report, "/key");
    if (member(report, "/url").is_string()) {
        out += " of " + text(report, "/url");
    }
    out += "\n\n";
    write_steps(steps.get_array(), std::back_inserter(out));
    write_pointers(report, pointers.get_array(), std::back_inserter(out));
    return {boost::system::in_place_value, std::move(out)};
}

}  // namespace proxy
