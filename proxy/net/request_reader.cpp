#include "proxy/net/request_reader.hpp"

#include <boost/asio/error.hpp>

#include <chrono>

namespace proxy {

awaitable<error_code> request_reader::next(http1::request_head& head)
{
    using std::chrono::steady_clock;
    bool begun = !stream_.buffered().empty();
    auto deadline = steady_clock::now() + limit_.request_head_deadline;
    while (true) {
        if (begun) {
            const http1::result<std::size_t> octets = parser_.parse(stream_.buffered(), head);
            if (!octets) {
                co_return octets.error();
            }
            if (*octets != 0) {
                stream_.consume(*octets);
                co_return error_code();
            }
        }
        const error_code flushed = co_await answers_.flush();
        if (flushed) {
            co_return flushed;
        }
        std::chrono::milliseconds wait = limit_.client_idle;
        if (begun) {
            // One deadline for the whole head: drip by drip it gets no longer.
            wait = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - steady_clock::now());
        }
        error_code error = asio::error::timed_out;
        if (wait.count() > 0) {
            stream_.idle(!begun);
            error = co_await stream_.read_more(wait);
            stream_.idle(false);
        }
        if (error) {
            co_return error;
        }
        if (!begun) {
            begun = true;
            deadline = steady_clock::now() + limit_.request_head_deadline;
        }
    }
}

}  // namespace proxy
