// One accepted connection: non-blocking reads and gathered writes with deadlines.

#pragma once

#include "proxy/net/coroutine.hpp"
#include "proxy/net/deadline_list.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace proxy {

struct file_part
{
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint64_t octets = 0;
};

// Tries the system call first and waits only if it would block, so that a request that is already
// here costs one read and one write. Waiting for a request holds no buffer. One read and one write
// may wait at the same time. Used on its worker's thread only.
class client_stream
{
public:
    client_stream(asio::ip::tcp::socket socket, deadline_list& deadlines);

    // What was read and not yet consumed.
    std::string_view buffered() const { return std::string_view{buffer_}.substr(consumed_); }
    void consume(std::size_t octets);

    // Reads at least one octet more into the buffer. error_code eof at the end, timed_out at the
    // deadline.
    awaitable<error_code> read_more(std::chrono::milliseconds deadline);

    // Reads content straight into the caller's buffer when nothing is buffered.
    awaitable<result<std::size_t>> read_some(
        asio::mutable_buffer into, std::chrono::milliseconds deadline);

    // Writes everything; the deadline is for each stall, not for the whole. The views must stay
    // valid meanwhile; the span's elements are changed.
    awaitable<error_code> write(
        std::span<asio::const_buffer> buffers, std::chrono::milliseconds stall_deadline);
    awaitable<error_code> write(std::string_view octets, std::chrono::milliseconds stall_deadline);

    // The same with more to follow at once: what does not fill a segment waits for it.
    awaitable<error_code> write_ahead(
        std::span<asio::const_buffer> buffers, std::chrono::milliseconds stall_deadline);

    // Sends a part of a file that the caller keeps as it is until the end; the octets are not
    // copied on their way.
    awaitable<error_code> send_file(file_part part, std::chrono::milliseconds stall_deadline);

    // Sends FIN, then reads on for a moment, so that an answer is not lost to a reset (RFC 9112,
    // section 9.6).
    awaitable<void> linger(std::chrono::milliseconds time);
    void shutdown_send();
    void close();

    // RST: where the end of the connection would be the end of the content, a content that was cut
    // short must not look whole.
    void reset();

    // Between two requests: draining ends such a wait.
    void idle(bool is_idle) { read_deadline_.idle(is_idle); }

    const asio::ip::tcp::endpoint& remote() const { return remote_; }
    asio::ip::tcp::socket& socket() { return socket_; }
    std::uint64_t octets_sent() const { return sent_; }

private:
    awaitable<error_code> send(std::span<asio::const_buffer> buffers,
        asio::socket_base::message_flags flags,
        std::chrono::milliseconds stall_deadline);
    awaitable<error_code> wait(
        asio::ip::tcp::socket::wait_type what, std::chrono::milliseconds deadline);
    std::function<void()> cancel_waits();

    asio::ip::tcp::socket socket_;
    asio::ip::tcp::endpoint remote_;
    deadline_list::entry read_deadline_;
    deadline_list::entry write_deadline_;
    std::string buffer_;
    std::size_t consumed_ = 0;
    std::uint64_t sent_ = 0;
};

}  // namespace proxy
