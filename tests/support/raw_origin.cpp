#include "tests/support/raw_origin.hpp"

#include "tests/support/eventually.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace support {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

void rethrow(const std::exception_ptr& failure)
{
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace

raw_origin::raw_origin(script answer)
    : answer_(std::move(answer)),
      acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port())
{
    asio::co_spawn(context_, accept(), rethrow);
    thread_ = std::thread([this] { context_.run(); });
}

raw_origin::~raw_origin()
{
    context_.stop();
    thread_.join();
}

std::string raw_origin::authority() const
{
    return "127.0.0.1:" + std::to_string(port_);
}

std::vector<std::string> raw_origin::received() const
{
    const std::lock_guard lock(mutex_);
    return received_;
}

bool raw_origin::wait_for_ends(std::size_t connections) const
{
    return eventually([&] {
        const std::lock_guard lock(mutex_);
        return ended_ >= connections;
    });
}

asio::awaitable<void> raw_origin::accept()
{
    while (true) {
        auto [ec, socket] = co_await acceptor_.async_accept(use_tuple);
        if (ec) {
            continue;
        }
        std::size_t number = 0;
        {
            const std::lock_guard lock(mutex_);
            number = received_.size();
            received_.emplace_back();
        }
        asio::co_spawn(context_, converse(std::move(socket), number), rethrow);
    }
}

asio::awaitable<void> raw_origin::converse(tcp::socket socket, std::size_t number)
{
    std::string since_answer;
    while (true) {
        char piece[16 * 1024];
        const auto [ec, octets] = co_await socket.async_read_some(asio::buffer(piece), use_tuple);
        {
            const std::lock_guard lock(mutex_);
            received_[number].append(piece, octets);
            ended_ += ec ? 1U : 0U;
        }
        if (ec) {
            co_return;
        }
        since_answer.append(piece, octets);
        const std::optional<raw_answer> answer = answer_(since_answer);
        if (!answer) {
            continue;
        }
        since_answer.clear();
        co_await asio::async_write(socket, asio::buffer(answer->octets), use_tuple);
        if (answer->after == raw_answer::then::close) {
            co_return;
        }
        if (answer->after == raw_answer::then::reset) {
            socket.set_option(asio::socket_base::linger(true, 0));
            socket.close();  // the destructor would not keep the option
            co_return;
        }
    }
}

std::string field_in(std::string_view head, std::string_view name)
{
    const std::string begin = std::string("\r\n").append(name).append(": ");
    const std::size_t found = head.find(begin);
    if (found == std::string_view::npos) {
        return "";
    }
    const std::size_t value = found + begin.size();
    return std::string(head.substr(value, head.find('\r', value) - value));
}

bool is_whole_request(std::string_view received)
{
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return false;
    }
    const std::string_view head = received.substr(0, end + 2);
    const std::string_view content = received.substr(end + 4);
    const std::string length = field_in(head, "Content-Length");
    if (!length.empty()) {
        return content.size() >= std::stoul(length);
    }
    return field_in(head, "Transfer-Encoding").empty() || content.ends_with("0\r\n\r\n");
}

raw_origin::script always(raw_answer answer)
{
    return [answer = std::move(answer)](std::string_view received) {
        return received.find("\r\n\r\n") == std::string_view::npos ? std::nullopt
                                                                   : std::optional(answer);
    };
}

}  // namespace support
