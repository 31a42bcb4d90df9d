#include "cache/store/record_codec.hpp"

#include "cache/store/crc32c.hpp"
#include "cache/store/errc.hpp"
#include "cache/store/octets.hpp"

#include <algorithm>
#include <chrono>

namespace cache {
namespace {

using boost::system::error_code;
using boost::system::result;

constexpr std::uint8_t metadata_version = 1;
constexpr std::uint8_t chunk_version = 1;
constexpr std::size_t checksum_at = 1;  // behind the version
constexpr std::size_t checksummed_at = checksum_at + 4;

constexpr std::uint8_t invalidated_flag = 1;
constexpr std::uint8_t inline_body_flag = 2;
constexpr std::uint8_t outdated_flag = 4;

std::uint8_t flags_of(const stored_response& response, bool has_inline_body)
{
    return static_cast<std::uint8_t>((response.invalidated ? invalidated_flag : 0) |
                                     (has_inline_body ? inline_body_flag : 0) |
                                     (response.outdated ? outdated_flag : 0));
}

// Wide enough for every honest value and narrow enough that sums of a few cannot overflow.
constexpr std::int64_t max_time_milliseconds = std::int64_t{1} << 52;
constexpr std::int64_t max_age_seconds = std::int64_t{1} << 40;

std::uint32_t metadata_checksum(std::string_view record)
{
    return crc32c(record.substr(checksummed_at), crc32c(record.substr(0, checksum_at)));
}

bool plausible(const stored_response& response)
{
    const auto near = [](wall_time time) {
        const std::int64_t count = time.time_since_epoch().count();
        return count >= -max_time_milliseconds && count <= max_time_milliseconds;
    };
    const std::int64_t age = response.corrected_initial_age.count();
    return response.status >= 100 && response.status <= 999 && near(response.request_time) &&
           near(response.response_time) && age >= 0 && age <= max_age_seconds &&
           response.sharing <= sharing_class::verified;
}

bool within_limits(const field_section& section)
{
    if (section.size() > max_section_lines) {
        return false;
    }
    std::size_t octets = 0;
    for (const field_section::line line : section) {
        octets += line.name.size() + line.value.size();
    }
    return octets <= max_section_octets;
}

void put_section(octet_writer& out, const field_section& section)
{
    out.number(static_cast<std::uint32_t>(section.size()));
    for (const field_section::line line : section) {
        out.text(line.name);
        out.text(line.value);
    }
}

bool take_section(octet_reader& in, field_section& section)
{
    const std::uint32_t lines = in.number<std::uint32_t>();
    if (lines > max_section_lines) {
        return false;
    }
    std::size_t octets = 0;
    for (std::uint32_t i = 0; i != lines; ++i) {
        const std::string_view name = in.text();
        const std::string_view value = in.text();
        octets += name.size() + value.size();
        if (in.failed() || octets > max_section_octets || !is_token(name) ||
            !is_field_value(value)) {
            return false;
        }
        section.add(name, value);
    }
    return true;
}

wall_time take_time(octet_reader& in)
{
    return wall_time{std::chrono::milliseconds{in.number<std::int64_t>()}};
}

// Everything behind the checksum; false if it is not what encode_metadata writes.
bool take_metadata(octet_reader& in, metadata_record& record)
{
    stored_response& response = record.object.response;
    record.object.id = in.number<std::uint64_t>();
    response.status = in.number<std::uint16_t>();
    response.sharing = static_cast<sharing_class>(in.number<std::uint8_t>());
    const auto flags = in.number<std::uint8_t>();
    response.invalidated = (flags & invalidated_flag) != 0;
    response.outdated = (flags & outdated_flag) != 0;
    response.request_time = take_time(in);
    response.response_time = take_time(in);
    response.corrected_initial_age = std::chrono::seconds{in.number<std::int64_t>()};
    response.body_octets = in.number<std::uint64_t>();
    record.key_text = in.text();
    if (flags > (invalidated_flag | inline_body_flag | outdated_flag) || !plausible(response) ||
        record.key_text.size() > max_key_text_octets || !take_section(in, response.fields) ||
        !take_section(in, response.selecting_fields)) {
        return false;
    }
    if ((flags & inline_body_flag) != 0) {
        const std::string_view body = in.text();
        if (body.size() > max_inline_body_octets || body.size() != response.body_octets) {
            return false;
        }
        record.object.inline_body.emplace(body);
    }
    return in.finished();
}

}  // namespace

result<std::string> encode_metadata(std::string_view key_text,
    object_id id,
    const stored_response& response,
    std::optional<std::string_view> inline_body)
{
    if (key_text.size() > max_key_text_octets || !within_limits(response.fields) ||
        !within_limits(response.selecting_fields) || !plausible(response)) {
        return error_code{store_errc::record_too_large};
    }
    octet_writer out;
    out.number(metadata_version);
    out.number(std::uint32_t{0});  // the checksum, when the rest is known
    out.number(id);
    out.number(response.status);
    out.number(static_cast<std::uint8_t>(response.sharing));
    out.number(flags_of(response, inline_body.has_value()));
    out.number(response.request_time.time_since_epoch().count());
    out.number(response.response_time.time_since_epoch().count());
    out.number(std::int64_t{response.corrected_initial_age.count()});
    out.number(response.body_octets);
    out.text(key_text);
    put_section(out, response.fields);
    put_section(out, response.selecting_fields);
    if (inline_body) {
        out.text(*inline_body);
    }
    std::string record = std::move(out).take();
    repair_metadata_checksum(record);
    return record;
}

result<metadata_record> decode_metadata(std::string_view record)
{
    octet_reader in{record};
    const auto version = in.number<std::uint8_t>();
    const auto checksum = in.number<std::uint32_t>();
    if (in.failed() || version != metadata_version || checksum != metadata_checksum(record)) {
        return error_code{store_errc::damaged};
    }
    metadata_record decoded;
    if (!take_metadata(in, decoded)) {
        return error_code{store_errc::damaged};
    }
    return decoded;
}

void repair_metadata_checksum(std::string& record)
{
    if (record.size() < checksummed_at) {
        return;
    }
    octet_writer checksum;
    checksum.number(metadata_checksum(record));
    record.replace(checksum_at, 4, std::move(checksum).take());
}

chunk_trailer seal_chunk(object_id id, std::uint32_t index, std::span<const char> chunk)
{
    octet_writer out;
    out.number(id);
    out.number(index);
    out.number(static_cast<std::uint32_t>(chunk.size()));
    out.number(chunk_version);
    std::string trailer = std::move(out).take();
    octet_writer checksum;
    checksum.number(crc32c(trailer, crc32c({chunk.data(), chunk.size()})));
    trailer += std::move(checksum).take();
    chunk_trailer sealed{};
    std::copy(trailer.begin(), trailer.end(), sealed.begin());
    return sealed;
}

result<std::size_t> check_chunk(object_id id, std::uint32_t index, std::string_view sealed)
{
    if (sealed.size() < chunk_trailer_octets) {
        return error_code{store_errc::damaged};
    }
    const std::size_t length = sealed.size() - chunk_trailer_octets;
    const chunk_trailer expected = seal_chunk(id, index, {sealed.data(), length});
    if (!std::equal(expected.begin(), expected.end(), sealed.begin() + length)) {
        return error_code{store_errc::damaged};
    }
    return length;
}

}  // namespace cache
