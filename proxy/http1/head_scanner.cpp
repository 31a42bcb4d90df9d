#include "proxy/http1/head_scanner.hpp"

#include <boost/assert.hpp>

namespace proxy::http1 {

head_scanner::head_scanner(const head_limits& limits) : limits_{limits}
{
    BOOST_ASSERT(limits.start_line_octets + 4 <= limits.section_octets);
}

result<std::size_t> head_scanner::find_start_line(std::string_view buffered)
{
    if (start_line_ != 0) {
        return start_line_;
    }
    const std::size_t feed = buffered.find('\n', scanned_);
    const bool found = feed != std::string_view::npos;
    const std::size_t pending = found ? feed : buffered.size();
    if (pending > limits_.start_line_octets + 1) {  // the CR is not counted
        return errc::target_too_long;
    }
    scanned_ = pending;
    if (!found) {
        return std::size_t{0};
    }
    if (feed == 0 || buffered[feed - 1] != '\r') {
        return errc::malformed_start_line;
    }
    start_line_ = line_ = scanned_ = feed + 1;
    return start_line_;
}

result<std::size_t> head_scanner::find_end(std::string_view buffered)
{
    BOOST_ASSERT(start_line_ != 0);
    while (true) {
        const std::size_t feed = buffered.find('\n', scanned_);
        if (feed == std::string_view::npos) {
            break;
        }
        if (feed >= limits_.section_octets) {
            return errc::fields_too_large;
        }
        if (buffered[feed - 1] != '\r') {
            return errc::malformed_field_line;
        }
        const std::size_t line_octets = feed - 1 - line_;
        line_ = scanned_ = feed + 1;
        if (line_octets == 0) {
            return line_;
        }
        if (++fields_ > limits_.fields) {
            return errc::too_many_fields;
        }
    }
    scanned_ = buffered.size();
    if (scanned_ > limits_.section_octets) {
        return errc::fields_too_large;
    }
    return std::size_t{0};
}

void head_scanner::reset()
{
    start_line_ = line_ = scanned_ = fields_ = 0;
}

}  // namespace proxy::http1
