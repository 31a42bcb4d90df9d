#include "proxy/net/client_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <array>
#include <cerrno>
#include <utility>

namespace proxy {
namespace {

constexpr std::size_t read_octets = 16 * 1024;

// Of a client whose octets nobody wants, before others on the thread get their turn.
constexpr std::size_t octets_in_a_turn = 1 << 20;

void skip(std::span<asio::const_buffer>& buffers, std::size_t octets)
{
    while (!buffers.empty() && octets >= buffers.front().size()) {
        octets -= buffers.front().size();
        buffers = buffers.subspan(1);
    }
    if (octets != 0) {
        buffers.front() += octets;
    }
}

}  // namespace

client_stream::client_stream(asio::ip::tcp::socket socket, deadline_list& deadlines)
    : socket_{std::move(socket)},
      read_deadline_{deadlines, cancel_waits()},
      write_deadline_{deadlines, cancel_waits()}
{
    error_code ignored;
    remote_ = socket_.remote_endpoint(ignored);
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
}

void client_stream::consume(std::size_t octets)
{
    consumed_ += octets;
    if (consumed_ == buffer_.size()) {
        // Everything is used: an idle connection keeps no memory.
        buffer_ = std::string{};
        consumed_ = 0;
    }
}

awaitable<error_code> client_stream::read_more(std::chrono::milliseconds deadline)
{
    if (consumed_ != 0) {
        // What is left is the beginning of one head or chunk. Kept behind everything that came
        // before it, it would let a client that never pauses grow the buffer without end.
        buffer_.erase(0, consumed_);
        consumed_ = 0;
    }
    while (true) {
        // resize() would clear the octets first; they are written by the kernel a moment later
        // anyway, and only when the buffer grows.
        const std::size_t before = buffer_.size();
        buffer_.resize(before + read_octets);
        error_code error;
        const std::size_t octets =
            socket_.read_some(asio::buffer(buffer_.data() + before, read_octets), error);
        buffer_.resize(before + octets);
        if (!error) {
            co_return error;
        }
        if (before == 0) {
            buffer_ = std::string{};
        }
        if (error != asio::error::would_block) {
            co_return error;
        }
        error = co_await wait(asio::ip::tcp::socket::wait_read, deadline);
        if (error) {
            co_return error;
        }
    }
}

awaitable<result<std::size_t>> client_stream::read_some(
    asio::mutable_buffer into, std::chrono::milliseconds deadline)
{
    if (const std::string_view waiting = buffered(); !waiting.empty()) {
        const std::size_t octets = asio::buffer_copy(into, asio::buffer(waiting));
        consume(octets);
        co_return octets;
    }
    while (true) {
        error_code error;
        const std::size_t octets = socket_.read_some(into, error);
        if (!error) {
            co_return octets;
        }
        if (error == asio::error::would_block) {
            error = co_await wait(asio::ip::tcp::socket::wait_read, deadline);
        }
        if (error) {
            co_return error;
        }
    }
}

awaitable<error_code> client_stream::write(
    std::span<asio::const_buffer> buffers, std::chrono::milliseconds stall_deadline)
{
    return send(buffers, 0, stall_deadline);
}

awaitable<error_code> client_stream::write_ahead(
    std::span<asio::const_buffer> buffers, std::chrono::milliseconds stall_deadline)
{
    return send(buffers, MSG_MORE, stall_deadline);
}

awaitable<error_code> client_stream::send(std::span<asio::const_buffer> buffers,
    asio::socket_base::message_flags flags,
    std::chrono::milliseconds stall_deadline)
{
    skip(buffers, 0);
    while (!buffers.empty()) {
        error_code error;
        const std::size_t octets = socket_.send(buffers, flags, error);
        sent_ += octets;
        skip(buffers, octets);
        if (error == asio::error::would_block) {
            error = co_await wait(asio::ip::tcp::socket::wait_write, stall_deadline);
        }
        if (error) {
            co_return error;
        }
    }
    co_return error_code();
}

awaitable<error_code> client_stream::write(
    std::string_view octets, std::chrono::milliseconds stall_deadline)
{
    std::array<asio::const_buffer, 1> buffers;
    buffers[0] = asio::buffer(octets);
    co_return co_await write(std::span<asio::const_buffer>(buffers), stall_deadline);
}

awaitable<error_code> client_stream::send_file(
    file_part part, std::chrono::milliseconds stall_deadline)
{
    while (part.octets != 0) {
        auto offset = static_cast<off_t>(part.offset);
        const ssize_t sent =
            ::sendfile(socket_.native_handle(), part.descriptor, &offset, part.octets);
        error_code error;
        if (sent > 0) {
            const auto octets = static_cast<std::uint64_t>(sent);
            sent_ += octets;
            part.offset += octets;
            part.octets -= octets;
        } else if (sent < 0 && errno == EAGAIN) {
            error = co_await wait(asio::ip::tcp::socket::wait_write, stall_deadline);
        } else if (sent == 0) {
            error = asio::error::eof;  // the file is shorter than was said
        } else if (errno != EINTR) {
            error.assign(errno, boost::system::system_category());
        }
        if (error) {
            co_return error;
        }
    }
    co_return error_code();
}

awaitable<void> client_stream::linger(std::chrono::milliseconds time)
{
    shutdown_send();
    const auto end = std::chrono::steady_clock::now() + time;
    std::array<char, 16 * 1024> sink;
    buffer_ = std::string{};
    consumed_ = 0;
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    std::size_t since_turn = 0;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            break;
        }
        const result<std::size_t> octets = co_await read_some(asio::buffer(sink), left);
        if (!octets) {
            break;
        }
        since_turn += *octets;
        if (since_turn >= octets_in_a_turn) {
            // A client that goes on sending always has something to read: nothing waits above.
            co_await asio::post(executor, asio::use_awaitable);
            since_turn = 0;
        }
    }
    close();
}

void client_stream::shutdown_send()
{
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void client_stream::close()
{
    error_code ignored;
    socket_.close(ignored);
}

void client_stream::reset()
{
    error_code ignored;
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    socket_.close(ignored);
}

awaitable<error_code> client_stream::wait(
    asio::ip::tcp::socket::wait_type what, std::chrono::milliseconds deadline)
{
    deadline_list::entry& entry =
        what == asio::ip::tcp::socket::wait_read ? read_deadline_ : write_deadline_;
    entry.expires_after(deadline);
    const auto [error] = co_await socket_.async_wait(what, use_tuple);
    const bool expired = entry.expired();
    entry.never();
    if (expired) {
        co_return error_code(asio::error::timed_out);
    }
    if (error == asio::error::operation_aborted && socket_.is_open()) {
        // The deadline of the other direction ended both waits; the caller tries again. If this
        // coroutine itself is being cancelled, its next wait says so.
        co_return error_code();
    }
    co_return error;
}

std::function<void()> client_stream::cancel_waits()
{
    return [this] {
        error_code ignored;
        socket_.cancel(ignored);
    };
}

}  // namespace proxy
