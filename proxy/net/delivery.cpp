#include "proxy/net/delivery.hpp"

#include "cache/policy/age.hpp"
#include "cache/policy/preconditions.hpp"
#include "cache/policy/range.hpp"
#include "proxy/http1/serializer.hpp"
#include "proxy/net/services.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
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

// Such that no body can hold it but by chance.
std::string random_boundary()
{
    std::array<unsigned char, 15> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        throw std::runtime_error("no random numbers");
    }
    std::string text;
    for (const unsigned char octet : octets) {
        constexpr std::string_view digits = "0123456789abcdef";
        text.push_back(digits[octet >> 4U]);
        text.push_back(digits[octet & 15U]);
    }
    return text;
}

class body_on_disk : public body_source
{
public:
    body_on_disk(storage_pool& storage, delivery& to, cache::object_id object)
        : storage_{storage}, to_{to}, object_{object}
    {
    }

    awaitable<error_code> send(std::uint64_t first, std::uint64_t octets) override
    {
        error_code error;
        std::uint64_t offset = first;
        const std::uint64_t end = first + octets;
        while (!error && offset < end) {
            const result<std::string> loaded =
                co_await storage_.read_chunk(object_, offset / cache::body_chunk_octets);
            const std::size_t begin = static_cast<std::size_t>(offset % cache::body_chunk_octets);
            if (!loaded || loaded->size() <= begin) {
                co_return boost::system::errc::make_error_code(boost::system::errc::io_error);
            }
            const auto piece = static_cast<std::size_t>(
                std::min<std::uint64_t>(loaded->size() - begin, end - offset));
            error = co_await to_.send_part(std::string_view(*loaded).substr(begin, piece));
            offset += piece;
        }
        co_return error;
    }

private:
    storage_pool& storage_;
    delivery& to_;
    cache::object_id object_;
};

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

delivery::reply delivery::answer_from(const reply_context& context,
    const cache::stored_response& stored,
    std::uint64_t body_octets,
    cache::wall_time now,
    bool in_order)
{
    reply made;
    queued& first = made.first;
    head_ending ending;
    ending.age = age_to_send(context, stored, now);
    ending.keep_alive = context.keep_alive;
    ending.client_minor_version = context.request.minor_version;
    ending.content_length = body_octets;
    const bool head_only = context.request.verb == verb::head;
    cache::range_decision range{.part = {0, body_octets}};
    const bool not_modified = cache::is_not_modified(context.request.fields, stored);
    if (!head_only && !not_modified) {
        range = cache::resolve_range(context.request.fields, stored);
    }
    if (range.outcome == cache::range_outcome::parts && in_order) {
        range = {.part = {0, body_octets}};
    }
    summary_.status = stored.status;
    if (not_modified) {
        answer_not_modified(context, stored, made);
        ending.framing = http1::body_framing::none;
    } else if (range.outcome == cache::range_outcome::whole) {
        first.octets = head_only ? 0 : body_octets;
        if (stored.status == 204 || stored.status == 304) {
            ending.framing = http1::body_framing::none;  // RFC 9110, section 8.6
        }
        if (needs_changes(context)) {
            first.whole_head = true;
            first.text = full_head(context, stored.status, stored.fields);
        }
    } else if (range.outcome == cache::range_outcome::part) {
        answer_part(context, stored, range.part, made);
        ending.content_length = range.part.octets;
    } else if (range.outcome == cache::range_outcome::parts) {
        ending.content_length = answer_parts(context, stored, range.parts, made);
    } else {
        first.whole_head = true;
        first.text = full_head(context, 416, cache::field_section());
        http1::append_field(
            first.text, "Content-Range", cache::unsatisfied_content_range(body_octets));
        ending.content_length = 0;
        summary_.status = 416;
    }
    append_ending(first.text, ending, shared_.pseudonym, context.status);
    summary_.content_octets =
        ending.framing == http1::body_framing::none || head_only ? 0 : ending.content_length;
    summary_.cache = context.status;
    return made;
}

void delivery::answer_not_modified(
    const reply_context& context, const cache::stored_response& stored, reply& made)
{
    made.first.whole_head = true;
    made.first.text = full_head(context, 304, cache::not_modified_fields(stored));
    summary_.status = 304;
}

void delivery::answer_part(const reply_context& context,
    const cache::stored_response& stored,
    cache::byte_range part,
    reply& made)
{
    queued& first = made.first;
    first.whole_head = true;
    first.text = full_head(context, 206, stored.fields);
    http1::append_field(
        first.text, "Content-Range", cache::content_range(part, stored.body_octets));
    first.first = part.first;
    first.octets = part.octets;
    summary_.status = 206;
}

// Returns the length of the whole. The first piece is the head alone.
std::uint64_t delivery::answer_parts(const reply_context& context,
    const cache::stored_response& stored,
    const std::vector<cache::byte_range>& parts,
    reply& made)
{
    const std::string boundary = random_boundary();
    const std::string content_type{stored.fields.first(cache::field::content_type).value_or("")};
    cache::field_section fields = stored.fields;
    fields.set(cache::field::content_type, "multipart/byteranges; boundary=" + boundary);
    made.first.whole_head = true;
    made.first.text = full_head(context, 206, fields);
    summary_.status = 206;
    std::uint64_t octets = 0;
    for (const cache::byte_range part : parts) {
        queued& piece = made.more.emplace_back();
        piece.text = cache::multipart_head(boundary, content_type, part, stored.body_octets);
        piece.first = part.first;
        piece.octets = part.octets;
        octets += piece.text.size() + part.octets;
    }
    queued& end = made.more.emplace_back();
    end.text = cache::multipart_end(boundary);
    for (queued& piece : made.more) {
        piece.whole_head = true;
    }
    return octets + end.text.size();
}

void delivery::queue_object(const reply_context& context,
    std::shared_ptr<const cache::memory_object> object,
    cache::wall_time now)
{
    reply made = answer_from(context, object->response, object->response.body_octets, now);
    for (queued& piece : made.more) {
        piece.object = object;
    }
    made.first.object = std::move(object);
    queue(std::move(made.first));
    for (queued& piece : made.more) {
        queue(std::move(piece));
    }
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
    body_on_disk body(shared_.storage, *this, copy.id);
    co_return co_await send_from(context, copy.response, body, now);
}

awaitable<error_code> delivery::send_from(const reply_context& context,
    const cache::stored_response& stored,
    body_source& body,
    cache::wall_time now)
{
    reply made = answer_from(context, stored, stored.body_octets, now);
    if (!made.first.whole_head) {
        made.first.text.insert(0, stable_head(stored.status, stored.fields, shared_.pseudonym));
    }
    error_code error = co_await write_text(std::move(made.first.text));
    if (!error) {
        error = co_await body.send(made.first.first, made.first.octets);
    }
    for (const queued& piece : made.more) {
        if (!error) {
            error = co_await write_text(piece.text);
        }
        if (!error) {
            error = co_await body.send(piece.first, piece.octets);
        }
    }
    co_return error;
}

awaitable<error_code> delivery::send_part(
    const cache::memory_object& object, std::uint64_t first, std::uint64_t octets)
{
    const cache::memory_body& body = *object.body;
    if (body.in_pages()) {
        buffers_.clear();
        co_return co_await send_pages(body, first, octets);
    }
    co_return co_await send_part(body.octets().substr(first, octets));
}

awaitable<error_code> delivery::send_part(flight_reader& reader, std::uint64_t octets)
{
    const std::uint64_t before = summary_.content_octets;
    const error_code error = co_await send_flight_body(reader, false, octets);
    summary_.content_octets = before;
    co_return error;
}

awaitable<error_code> delivery::send_part(std::string_view octets)
{
    co_return co_await stream_.write(octets, shared_.config.limit.client_write_stall);
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
        queued next = answer_from(context, response, *head->body_octets, now, true).first;
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

awaitable<error_code> delivery::send_interim(
    const reply_context& context, const interim_head& interim)
{
    std::string text = full_head(context, interim.status, interim.fields);
    http1::append_end_of_head(text);
    co_return co_await write_text(std::move(text));
}

}  // namespace proxy
