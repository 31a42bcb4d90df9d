#include "proxy/net/upstream_exchange.hpp"

#include <boost/asio/error.hpp>
#include <boost/assert.hpp>
#include <boost/beast/core/error.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace proxy {

namespace asio = boost::asio;
using clock = connection::clock;

namespace {

// What one read of a head, or of a body in chunks, takes at most.
constexpr std::size_t read_octets = 16 * 1024;

upstream_errc translate(
    const boost::system::error_code& ec, upstream_errc at_deadline, upstream_errc otherwise)
{
    if (ec == boost::beast::error::timeout) {
        return at_deadline;
    }
    return ec == asio::error::operation_aborted ? upstream_errc::cancelled : otherwise;
}

upstream_errc translate_parse(const boost::system::error_code& ec)
{
    const bool size = ec == http1::errc::fields_too_large || ec == http1::errc::too_many_fields;
    return size ? upstream_errc::head_too_large : upstream_errc::malformed_response;
}

}  // namespace

upstream_connection::exchange::exchange(const limits& limit,
    std::shared_ptr<connection_pool> returns_to,
    upstream_target of,
    std::unique_ptr<connection> leased,
    bool was_idle)
    : write_stall(limit.upstream_write_stall),
      interim_left(limit.interim_responses),
      pool(std::move(returns_to)),
      target(std::move(of)),
      line(std::move(leased)),
      reused(was_idle),
      // A fresh connection counts its handshake to the exchange it was opened for.
      received_before(was_idle ? line->octets_received() : 0),
      sent_before(was_idle ? line->octets_sent() : 0),
      parser(head_limit),
      buffer(head_limit.section_octets + read_octets)
{
}

std::string_view upstream_connection::exchange::buffered() const
{
    const asio::const_buffer octets = buffer.cdata();
    return std::string_view(static_cast<const char*>(octets.data()), octets.size());
}

// Reads once, behind what is buffered.
asio::awaitable<upstream_connection::exchange::read_result> upstream_connection::exchange::fill(
    clock::time_point deadline)
{
    const std::size_t room = std::min(read_octets, buffer.max_size() - buffer.size());
    const asio::mutable_buffer space = buffer.prepare(room);
    const read_result octets = co_await line->read_some(space, deadline);
    if (octets) {
        buffer.commit(*octets);
        got_octet = true;
    }
    co_return octets;
}

// True if a whole head was buffered and is now in head.
boost::system::result<bool> upstream_connection::exchange::take_head(
    boost::beast::http::verb request_verb)
{
    head = http1::response_head();
    const auto parsed = parser.parse(buffered(), request_verb, head);
    if (!parsed) {
        return translate_parse(parsed.error());
    }
    if (*parsed == 0) {
        return buffer.size() < buffer.max_size() ? boost::system::result<bool>(false)
                                                 : upstream_errc::head_too_large;
    }
    buffer.consume(*parsed);
    if (head.status < 200) {
        if (interim_left == 0) {
            return upstream_errc::too_many_interim;
        }
        --interim_left;
        return true;
    }
    got_final_head = true;
    decoder = http1::body_decoder(head.framing, head.content_length);
    direct_left = head.content_length;
    return true;
}

// Decodes what is buffered until there is content; false if more octets are needed.
boost::system::result<bool> upstream_connection::exchange::take_content()
{
    while (content.empty() && !decoder.finished()) {
        const auto step = decoder.decode(buffered());
        if (!step) {
            return translate_parse(step.error());
        }
        if (step->consumed == 0) {
            return false;
        }
        buffer.consume(step->consumed);  // the octets stay where they are until the next fill
        content = step->content;
        direct_left -= std::min<std::uint64_t>(direct_left, content.size());
    }
    return true;
}

std::size_t upstream_connection::exchange::deliver(asio::mutable_buffer into)
{
    const std::size_t octets = std::min(into.size(), content.size());
    if (octets > 0) {
        std::memcpy(into.data(), content.data(), octets);
        content.remove_prefix(octets);
    }
    return octets;
}

// Content without framing between its octets goes to the reader without a copy.
asio::awaitable<upstream_connection::exchange::read_result>
upstream_connection::exchange::read_directly(asio::mutable_buffer into, clock::time_point deadline)
{
    asio::mutable_buffer space = into;
    if (head.framing == http1::body_framing::content_length) {
        const auto most = std::min<std::uint64_t>(direct_left, into.size());
        space = asio::buffer(into, static_cast<std::size_t>(most));
    }
    const read_result octets = co_await line->read_some(space, deadline);
    if (octets) {
        const std::string_view read(static_cast<const char*>(into.data()), *octets);
        const auto step = decoder.decode(read);
        BOOST_ASSERT(step && step->content.size() == *octets);
        direct_left -= std::min<std::uint64_t>(direct_left, *octets);
    }
    co_return octets;
}

// The connection ended, or failed, before a head was there. If sending had failed, that is why.
boost::system::error_code upstream_connection::exchange::no_head(
    const boost::system::error_code& why) const
{
    if (send_error) {
        return send_error;
    }
    if (sending && why == asio::error::operation_aborted) {
        // The deadline of the send closes the connection, and a read that waits hears of it first.
        return upstream_errc::write_timeout;
    }
    const upstream_errc closed =
        got_octet ? upstream_errc::closed_early : upstream_errc::closed_before_response;
    return translate(why, upstream_errc::first_byte_timeout, closed);
}

// The connection ended, or failed, before the body was finished. Only an orderly end of the
// connection may be the end of a body (RFC 9112, section 8; RFC 8446, section 6.1).
upstream_connection::exchange::read_result upstream_connection::exchange::end_of_body(
    const boost::system::error_code& why)
{
    // Where a send failed, the reset that made it fail is read as an end in order.
    if (why == asio::error::eof && !send_error && decoder.end_of_stream()) {
        return std::size_t(0);
    }
    failed = true;
    return translate(why, upstream_errc::idle_timeout, upstream_errc::closed_early);
}

bool upstream_connection::exchange::reusable() const
{
    return !failed && !sending && !send_error && got_final_head && head.keep_alive &&
           decoder.finished() && content.empty() &&
           head.framing != http1::body_framing::until_close && buffer.size() == 0 && line->quiet();
}

upstream_connection::upstream_connection(std::unique_ptr<exchange> leased)
    : exchange_(std::move(leased))
{
}

upstream_connection::upstream_connection(upstream_connection&&) noexcept = default;
upstream_connection& upstream_connection::operator=(upstream_connection&&) noexcept = default;
upstream_connection::~upstream_connection() = default;

bool upstream_connection::reused() const
{
    return exchange_->reused;
}

asio::awaitable<boost::system::error_code> upstream_connection::send(std::string_view octets)
{
    const asio::const_buffer piece(octets.data(), octets.size());
    const std::span<const asio::const_buffer> pieces(&piece, 1);
    co_return co_await send_gather(pieces);
}

asio::awaitable<boost::system::error_code> upstream_connection::send_gather(
    std::span<const asio::const_buffer> pieces)
{
    exchange& current = *exchange_;
    current.sending = true;
    const boost::system::error_code ec =
        co_await current.line->write(pieces, clock::now() + current.write_stall);
    current.sending = false;
    if (!ec) {
        co_return ec;
    }
    const upstream_errc closed =
        current.got_octet ? upstream_errc::closed_early : upstream_errc::closed_before_response;
    current.send_error = translate(ec, upstream_errc::write_timeout, closed);
    co_return current.send_error;
}

asio::awaitable<boost::system::result<http1::response_head>> upstream_connection::read_head(
    boost::beast::http::verb request_verb, std::chrono::milliseconds first_byte_deadline)
{
    exchange& current = *exchange_;
    BOOST_ASSERT(!current.got_final_head);
    const clock::time_point deadline = clock::now() + first_byte_deadline;
    while (!current.failed) {
        const boost::system::result<bool> taken = current.take_head(request_verb);
        if (!taken) {
            current.failed = true;
            co_return taken.error();
        }
        if (*taken) {
            co_return current.head;
        }
        const auto octets = co_await current.fill(deadline);
        if (!octets) {
            current.failed = true;
            co_return current.no_head(octets.error());
        }
    }
    co_return upstream_errc::closed_early;
}

asio::awaitable<boost::system::result<std::size_t>> upstream_connection::read_content(
    asio::mutable_buffer into, std::chrono::milliseconds idle_deadline)
{
    exchange& current = *exchange_;
    BOOST_ASSERT(current.got_final_head && into.size() > 0);
    const clock::time_point deadline = clock::now() + idle_deadline;
    while (!current.failed) {
        const boost::system::result<bool> taken = current.take_content();
        if (!taken) {
            current.failed = true;
            co_return taken.error();
        }
        if (*taken) {
            co_return current.deliver(into);  // 0 if the body is finished
        }
        const bool direct =
            current.buffer.size() == 0 && current.head.framing != http1::body_framing::chunked;
        if (direct) {
            const auto octets = co_await current.read_directly(into, deadline);
            co_return octets ? octets : current.end_of_body(octets.error());
        }
        const auto octets = co_await current.fill(deadline);
        if (!octets) {
            co_return current.end_of_body(octets.error());
        }
    }
    co_return upstream_errc::closed_early;
}

std::uint64_t upstream_connection::wire_octets_received() const
{
    const exchange& current = *exchange_;
    const std::uint64_t total =
        current.line ? current.line->octets_received() : current.received_at_end;
    return total - current.received_before;
}

std::uint64_t upstream_connection::wire_octets_sent() const
{
    const exchange& current = *exchange_;
    const std::uint64_t total = current.line ? current.line->octets_sent() : current.sent_at_end;
    return total - current.sent_before;
}

void upstream_connection::finish()
{
    exchange& current = *exchange_;
    BOOST_ASSERT(current.line != nullptr);
    const bool reusable = current.reusable();
    current.received_at_end = current.line->octets_received();
    current.sent_at_end = current.line->octets_sent();
    std::unique_ptr<connection> line = std::move(current.line);
    if (reusable) {
        current.pool->put(current.target, std::move(line));
    }
}

}  // namespace proxy
