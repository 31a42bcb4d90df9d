#include "proxy/net/delivery.hpp"

#include "cache/policy/age.hpp"
#include "cache/policy/preconditions.hpp"
#include "cache/policy/range.hpp"
#include "proxy/http1/serializer.hpp"
#include "proxy/net/services.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace proxy {
namespace {

using boost::beast::http::verb;

constexpr std::uint64_t unknown_length = std::numeric_limits<std::uint64_t>::max();

bool needs_changes(const reply_context& context)
{
    return context.where != nullptr && context.where->way == way_in::coralized;
}

// Age says that the origin neither made nor validated the response for this request (RFC 9111,
// section 5.1): it is left out where it just did.
std::optional<std::chrono::seconds> age_to_send(
    const reply_context& context, const cache::stored_response& stored, cache::wall_time now)
{
    const std::chrono::seconds age = cache::current_age(stored, now);
    if (!context.status.hit && context.status.source == fetch_source::origin && age.count() == 0) {
        return std::nullopt;
    }
    return age;
}

}  // namespace

std::string delivery::full_head(
    const reply_context& context, unsigned status, const cache::field_section& fields) const
{
    if (!needs_changes(context)) {
        return stable_head(status, fields, shared_.pseudonym);
    }
    return stable_head(status,
        fields_for_client(fields, *context.where, shared_.config.suffix),
        shared_.pseudonym);
}

delivery::queued delivery::answer_from(const reply_context& context,
    const cache::stored_response& stored,
    std::uint64_t body_octets,
    cache::wall_time now)
{
    queued next;
    head_ending ending;
    ending.age = age_to_send(context, stored, now);
    ending.keep_alive = context.keep_alive;
    ending.client_minor_version = context.request.minor_version;
    ending.content_length = body_octets;
    const bool head_only = context.request.verb == verb::head;
    const cache::field_section& request = context.request.fields;

    if (cache::is_not_modified(request, stored)) {
        next.whole_head = true;
        next.text = full_head(context, 304, cache::not_modified_fields(stored));
        ending.framing = http1::body_framing::none;
        summary_.status = 304;
    } else {
        cache::range_decision part;
        part.octets = body_octets;
        if (!head_only) {
            part = cache::resolve_range(request, stored);
        }
        summary_.status = stored.status;
        next.octets = head_only ? 0 : body_octets;
        if (stored.status == 204 || stored.status == 304) {
            ending.framing = http1::body_framing::none;  // RFC 9110, section 8.6
        }
        if (part.outcome == cache::range_outcome::part) {
            next.whole_head = true;
            next.text = full_head(context, 206, stored.fields);
            http1::append_field(
                next.text, "Content-Range", cache::content_range(part, body_octets));
            next.first = part.first;
            next.octets = part.octets;
            ending.content_length = part.octets;
            summary_.status = 206;
        } else if (part.outcome == cache::range_outcome::unsatisfiable) {
            next.whole_head = true;
            next.text = full_head(context, 416, cache::field_section());
            http1::append_field(
                next.text, "Content-Range", cache::unsatisfied_content_range(body_octets));
            next.octets = 0;
            ending.content_length = 0;
            summary_.status = 416;
        } else if (needs_changes(context)) {
            next.whole_head = true;
            next.text = full_head(context, stored.status, stored.fields);
        }
    }
    append_ending(next.text, ending, shared_.pseudonym, context.status);
    summary_.content_octets = next.octets;
    summary_.cache = context.status;
    return next;
}

void delivery::queue_object(const reply_context& context,
    std::shared_ptr<const cache::memory_object> object,
    cache::wall_time now)
{
    queued next = answer_from(context, object->response, object->response.body_octets, now);
    next.object = std::move(object);
    queue(std::move(next));
}

void delivery::queue_answer(const own_answer& answer)
{
    queued next;
    next.whole_head = true;
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    next.text = write_answer(answer, shared_.pseudonym, cache::format_http_date(now));
    summary_.status = answer.status;
    summary_.content_octets = 0;
    summary_.cache = cache_status{};
    queue(std::move(next));
}

void delivery::queue(queued next)
{
    queued_octets_ += next.text.size() + next.octets;
    queue_.push_back(std::move(next));
}

awaitable<error_code> delivery::flush()
{
    if (queue_.empty()) {
        co_return error_code();
    }
    buffers_.clear();
    error_code error;
    for (const queued& next : queue_) {
        if (!next.whole_head) {
            buffers_.push_back(asio::buffer(next.object->head));
        }
        buffers_.push_back(asio::buffer(next.text));
        if (!next.object || next.octets == 0) {
            continue;
        }
        const cache::memory_body& body = *next.object->body;
        if (!body.in_pages()) {
            buffers_.push_back(asio::buffer(body.octets().substr(next.first, next.octets)));
            continue;
        }
        error = co_await send_pages(body, next.first, next.octets);
        if (error) {
            break;
        }
    }
    if (!error) {
        error = co_await stream_.write(buffers_, shared_.config.limit.client_write_stall);
    }
    queue_.clear();
    queued_octets_ = 0;
    co_return error;
}

// What was gathered before, then a part of the body.
awaitable<error_code> delivery::send_pages(
    const cache::memory_body& body, std::uint64_t first, std::uint64_t octets)
{
    const auto deadline = shared_.config.limit.client_write_stall;
    const error_code error = co_await stream_.write_ahead(buffers_, deadline);
    buffers_.clear();
    if (error) {
        co_return error;
    }
    file_part part;
    part.descriptor = body.descriptor();
    part.offset = body.offset() + first;
    part.octets = octets;
    co_return co_await stream_.send_file(part, deadline);
}

awaitable<error_code> delivery::write_text(std::string text)
{
    const error_code error = co_await flush();
    if (error) {
        co_return error;
    }
    co_return co_await stream_.write(
        std::string_view(text), shared_.config.limit.client_write_stall);
}

awaitable<error_code> delivery::send_from_disk(
    const reply_context& context, const stored_copy& copy, cache::wall_time now)
{
    queued next = answer_from(context, copy.response, copy.response.body_octets, now);
    if (!next.whole_head) {
        next.text.insert(
            0, stable_head(copy.response.status, copy.response.fields, shared_.pseudonym));
    }
    error_code error = co_await write_text(std::move(next.text));
    std::uint64_t offset = next.first;
    const std::uint64_t end = next.first + next.octets;
    while (!error && offset < end) {
        const result<std::string> loaded =
            co_await shared_.storage.read_chunk(copy.id, offset / cache::body_chunk_octets);
        const std::size_t begin = static_cast<std::size_t>(offset % cache::body_chunk_octets);
        if (!loaded || loaded->size() <= begin) {
            // The head promised more than the disk holds: cut the connection, so that nobody takes
            // it for whole.
            co_return boost::system::errc::make_error_code(boost::system::errc::io_error);
        }
        const auto octets =
            static_cast<std::size_t>(std::min<std::uint64_t>(loaded->size() - begin, end - offset));
        error = co_await stream_.write(std::string_view(*loaded).substr(begin, octets),
            shared_.config.limit.client_write_stall);
        offset += octets;
    }
    co_return error;
}

awaitable<error_code> delivery::send_flight(
    const reply_context& context, flight_reader& reader, cache::wall_time now)
{
    const std::shared_ptr<const flight_head> head = reader.source().head();
    const cache::stored_response& response = head->response;
    summary_.status = response.status;
    summary_.cache = context.status;
    summary_.content_octets = 0;
    if (head->body_octets) {
        queued next = answer_from(context, response, *head->body_octets, now);
        if (!next.whole_head) {
            next.text.insert(0, full_head(context, response.status, response.fields));
        }
        const error_code error = co_await write_text(std::move(next.text));
        if (error) {
            co_return error;
        }
        if (next.octets == 0) {
            co_return error;
        }
        reader.advance(next.first);
        co_return co_await send_flight_body(reader, false, next.octets);
    }
    const bool chunked = context.request.minor_version >= 1;
    head_ending ending;
    ending.age = age_to_send(context, response, now);
    ending.framing = chunked ? http1::body_framing::chunked : http1::body_framing::until_close;
    ending.keep_alive = context.keep_alive && chunked;
    std::string text = full_head(context, response.status, response.fields);
    append_ending(text, ending, shared_.pseudonym, context.status);
    const error_code error = co_await write_text(std::move(text));
    if (error) {
        co_return error;
    }
    co_return co_await send_flight_body(reader, chunked, unknown_length);
}

awaitable<error_code> delivery::send_flight_body(
    flight_reader& reader, bool chunked, std::uint64_t octets)
{
    const limits& limit = shared_.config.limit;
    summary_.content_octets = 0;
    while (octets != 0) {
        // The leader has deadlines of its own for its source; this one is for a leader that is
        // lost.
        const auto deadline = std::chrono::steady_clock::now() + 2 * limit.origin_first_byte;
        const flight_reader::content content = co_await reader.read(deadline);
        std::string from_store;
        std::string_view piece;
        if (content.what == flight_reader::content::kind::end && octets == unknown_length) {
            break;
        }
        if (content.what == flight_reader::content::kind::octets) {
            piece = std::string_view(*content.data).substr(content.begin);
        } else if (content.what == flight_reader::content::kind::in_store) {
            result<std::string> loaded =
                co_await shared_.storage.read_chunk(content.object, content.store_index);
            if (loaded && loaded->size() > content.offset_in_chunk) {
                from_store = std::move(*loaded);
                piece = std::string_view(from_store).substr(content.offset_in_chunk);
                reader.advance(piece.size());
            }
        }
        if (piece.empty()) {
            co_return boost::system::errc::make_error_code(boost::system::errc::connection_aborted);
        }
        piece = piece.substr(
            0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), octets)));
        const error_code error = co_await send_piece(piece, chunked);
        if (error) {
            co_return error;
        }
        octets -= octets == unknown_length ? 0 : piece.size();
        summary_.content_octets += piece.size();
    }
    if (chunked) {
        co_return co_await stream_.write(http1::last_chunk, limit.client_write_stall);
    }
    co_return error_code();
}

awaitable<error_code> delivery::send_piece(std::string_view piece, bool chunked)
{
    const auto deadline = shared_.config.limit.client_write_stall;
    if (!chunked) {
        co_return co_await stream_.write(piece, deadline);
    }
    std::string header;
    http1::append_chunk_header(header, piece.size());
    std::array<asio::const_buffer, 3> buffers;
    buffers[0] = asio::buffer(header);
    buffers[1] = asio::buffer(piece);
    buffers[2] = asio::buffer(http1::chunk_end);
    co_return co_await stream_.write(std::span<asio::const_buffer>(buffers), deadline);
}

awaitable<error_code> delivery::send_interim()
{
    std::string text;
    http1::append_status_line(text, 102);
    http1::append_end_of_head(text);
    co_return co_await write_text(std::move(text));
}

}  // namespace proxy
