#include "tests/support/answer_source.hpp"

#include <ostream>

namespace support {
namespace {

// The position of the last comma that is outside quotes, or 0.
std::size_t last_member(std::string_view list)
{
    bool quoted = false;
    std::size_t start = 0;
    for (std::size_t at = 0; at < list.size(); ++at) {
        if (list[at] == '"') {
            quoted = !quoted;
        } else if (list[at] == '\\' && quoted) {
            ++at;
        } else if (list[at] == ',' && !quoted) {
            start = at + 1;
        }
    }
    return start;
}

}  // namespace

answer_source source_of(std::string_view cache_status)
{
    constexpr std::string_view parameter = "detail=";
    const std::string_view ours = cache_status.substr(last_member(cache_status));
    const std::size_t found = ours.find(parameter);
    if (found == std::string_view::npos) {
        return answer_source::unknown;
    }
    if (ours.find(";collapsed") != std::string_view::npos) {
        return answer_source::collapsed;
    }
    std::string_view detail = ours.substr(found + parameter.size());
    detail.remove_prefix(detail.starts_with('"') ? 1 : 0);
    detail = detail.substr(0, detail.find_first_of("/;\" \t"));
    for (const answer_source source : all_answer_sources) {
        if (detail == name_of(source)) {
            return source;
        }
    }
    return answer_source::unknown;
}

std::string_view name_of(answer_source source)
{
    switch (source) {
    case answer_source::memory: return "memory";
    case answer_source::disk: return "disk";
    case answer_source::collapsed: return "collapsed";
    case answer_source::peer: return "peer";
    case answer_source::origin: return "origin";
    case answer_source::unknown: break;
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& stream, answer_source source)
{
    return stream << name_of(source);
}

}  // namespace support
