#include "tests/support/test_origin.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

namespace support {

namespace asio = boost::asio;
using asio::ip::tcp;

// The head of a request, taken apart without much ado: it is a program under test that wrote it,
// and what it wrote is kept whole for the test to look at.
struct test_origin::received_request
{
    std::string head;
    std::string method;
    std::string path;  // with the query

    std::string_view field(std::string_view name) const;
    bool keep_alive() const { return field("Connection") != "close"; }
};

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t maximum_head_octets = 64 * 1'024;

void rethrow(std::exception_ptr failure)
{
    if (failure) {
        std::rethrow_exception(failure);
    }
}

struct octet_range
{
    std::size_t first = 0;
    std::size_t last = 0;
};

// `bytes=a-b` and `bytes=a-`; anything else is answered with the whole (RFC 9110, section 14.2
// allows a server to ignore the field).
std::optional<octet_range> parse_range(std::string_view text, std::size_t size)
{
    constexpr std::string_view unit = "bytes=";
    if (!text.starts_with(unit) || size == 0) {
        return std::nullopt;
    }
    text.remove_prefix(unit.size());
    octet_range range{0, size - 1};
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, range.first);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') {
        return std::nullopt;
    }
    const char* const after_dash = first.ptr + 1;
    if (after_dash != end) {
        const auto last = std::from_chars(after_dash, end, range.last);
        if (last.ec != std::errc() || last.ptr != end) {
            return std::nullopt;
        }
    }
    if (range.first > range.last || range.first >= size) {
        return std::nullopt;
    }
    range.last = std::min(range.last, size - 1);
    return range;
}

void add_field(std::string& head, std::string_view name, std::string_view value)
{
    if (!value.empty()) {
        head.append(name).append(": ").append(value).append("\r\n");
    }
}

struct answer
{
    unsigned status = 200;
    std::string_view body;
    std::optional<octet_range> range;
};

answer choose_answer(const origin_route& route,
    std::string_view if_none_match,
    std::string_view range,
    std::string_view if_range)
{
    if (!route.etag.empty() && if_none_match.find(route.etag) != std::string_view::npos) {
        return {304, {}, {}};
    }
    const std::string_view body = route.body;
    if (route.status == 200 && (if_range.empty() || if_range == route.etag)) {
        if (const std::optional<octet_range> part = parse_range(range, body.size())) {
            return {206, body.substr(part->first, part->last - part->first + 1), part};
        }
    }
    return {route.status, body, {}};
}

std::string head_of(const origin_route& route, const answer& what)
{
    const auto reason =
        boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(what.status));
    std::string head = "HTTP/1.1 " + std::to_string(what.status) + " ";
    head.append(reason.data(), reason.size()).append("\r\nServer: test-origin\r\n");
    add_field(head, "Content-Type", what.status == 304 ? "" : route.content_type);
    add_field(head, "Cache-Control", route.cache_control);
    add_field(head, "ETag", route.etag);
    for (const auto& [name, value] : route.fields) {
        add_field(head, name, value);
    }
    if (what.range) {
        add_field(head,
            "Content-Range",
            "bytes " + std::to_string(what.range->first) + "-" + std::to_string(what.range->last) +
                "/" + std::to_string(route.body.size()));
    }
    if (route.behaviour == origin_behaviour::chunked) {
        add_field(head, "Transfer-Encoding", "chunked");
    } else if (what.status != 304 && what.status != 204) {
        add_field(head, "Content-Length", std::to_string(what.body.size()));
    }
    return head + "\r\n";
}

std::string in_chunks(std::string_view body)
{
    std::string result;
    for (std::size_t size = 1; !body.empty(); size = size * 3 + 1) {
        const std::string_view piece = body.substr(0, size);
        char digits[16];
        const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, piece.size(), 16);
        result.append(digits, end).append("\r\n").append(piece).append("\r\n");
        body.remove_prefix(piece.size());
    }
    return result + "0\r\n\r\n";
}

}  // namespace

std::string_view test_origin::received_request::field(std::string_view name) const
{
    std::string_view rest = head;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find("\r\n"));
        rest.remove_prefix(std::min(rest.size(), line.size() + 2));
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && boost::beast::iequals(line.substr(0, colon), name)) {
            const std::size_t value = line.find_first_not_of(' ', colon + 1);
            return value == std::string_view::npos ? "" : line.substr(value);
        }
    }
    return {};
}

test_origin::test_origin(std::uint64_t uplink_octets_per_second)
    : context_(std::make_unique<asio::io_context>(1)),
      acceptor_(std::make_unique<tcp::acceptor>(
          *context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0))),
      endpoint_(acceptor_->local_endpoint()),
      uplink_(uplink_octets_per_second)
{
    asio::co_spawn(*context_, accept(), rethrow);
    thread_ = std::thread([this] { context_->run(); });
}

test_origin::~test_origin()
{
    stop();
}

void test_origin::stop()
{
    if (thread_.joinable()) {
        context_->stop();
        thread_.join();
        acceptor_.reset();
        context_.reset();  // with it the coroutines, and with these their sockets
    }
}

void test_origin::serve(std::string path, origin_route route)
{
    const std::lock_guard lock(mutex_);
    routes_[std::move(path)] = std::make_shared<const origin_route>(std::move(route));
}

std::string test_origin::authority() const
{
    return "127.0.0.1:" + std::to_string(endpoint_.port());
}

std::string test_origin::url(std::string_view path) const
{
    return "http://" + authority() + std::string(path);
}

origin_count test_origin::total() const
{
    const std::lock_guard lock(mutex_);
    return total_;
}

origin_count test_origin::count(const std::string& path) const
{
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(path);
    return found == counts_.end() ? origin_count() : found->second;
}

std::vector<std::string> test_origin::heads() const
{
    const std::lock_guard lock(mutex_);
    return heads_;
}

asio::awaitable<void> test_origin::accept()
{
    while (true) {
        auto [ec, socket] = co_await acceptor_->async_accept(use_tuple);
        if (!ec) {
            socket.set_option(tcp::no_delay(true));
            asio::co_spawn(*context_, converse(std::move(socket)), rethrow);
        }
    }
}

asio::awaitable<void> test_origin::converse(tcp::socket socket)
{
    std::string received;
    bool open = true;
    while (open) {
        auto buffer = asio::dynamic_buffer(received, maximum_head_octets);
        const auto [ec, head_octets] =
            co_await asio::async_read_until(socket, buffer, "\r\n\r\n", use_tuple);
        if (ec) {
            co_return;
        }
        received_request request;
        request.head = received.substr(0, head_octets);
        received.erase(0, head_octets);
        const std::size_t first_blank = request.head.find(' ');
        const std::size_t second_blank = request.head.find(' ', first_blank + 1);
        if (second_blank == std::string::npos) {
            co_return;
        }
        request.method = request.head.substr(0, first_blank);
        request.path = request.head.substr(first_blank + 1, second_blank - first_blank - 1);
        open = co_await respond(socket, request);
    }
}

std::shared_ptr<const origin_route> test_origin::find(const received_request& request)
{
    const std::lock_guard lock(mutex_);
    ++counts_[request.path].requests;
    ++total_.requests;
    heads_.push_back(request.head);
    const auto found = routes_.find(request.path);
    if (found != routes_.end()) {
        return found->second;
    }
    origin_route missing;
    missing.status = 404;
    missing.body = "There is no such page.\n";
    missing.content_type = "text/plain";
    missing.cache_control.clear();
    return std::make_shared<const origin_route>(std::move(missing));
}

asio::awaitable<bool> test_origin::respond(tcp::socket& socket, const received_request& request)
{
    const std::shared_ptr<const origin_route> route = find(request);
    if (route->delay > std::chrono::milliseconds::zero() ||
        route->behaviour == origin_behaviour::hang) {
        asio::steady_timer timer(socket.get_executor());
        timer.expires_after(route->behaviour == origin_behaviour::hang
                                ? std::chrono::hours(24)
                                : std::chrono::milliseconds(route->delay));
        co_await timer.async_wait(use_tuple);
    }
    if (route->behaviour == origin_behaviour::disconnect) {
        co_return false;
    }
    const answer what = choose_answer(
        *route, request.field("If-None-Match"), request.field("Range"), request.field("If-Range"));
    std::string head = head_of(*route, what);
    if (!co_await send(socket, request.path, head)) {
        co_return false;
    }
    if (request.method == "HEAD" || what.body.empty()) {
        co_return request.keep_alive();
    }
    if (route->behaviour == origin_behaviour::truncate) {
        co_await send(socket, request.path, what.body.substr(0, what.body.size() / 2));
        co_return false;
    }
    if (route->behaviour == origin_behaviour::chunked) {
        const std::string chunks = in_chunks(what.body);
        const bool sent = co_await send(socket, request.path, chunks);
        co_return sent&& request.keep_alive();
    }
    const bool sent = co_await send(socket, request.path, what.body);
    co_return sent&& request.keep_alive();
}

asio::awaitable<bool> test_origin::send(
    tcp::socket& socket, const std::string& path, std::string_view text)
{
    while (!text.empty()) {
        const std::string_view slice = text.substr(0, uplink_.slice_octets());
        co_await uplink_.carry(slice.size());
        const auto [ec, written] =
            co_await asio::async_write(socket, asio::buffer(slice.data(), slice.size()), use_tuple);
        count_octets(path, written);
        if (ec) {
            co_return false;
        }
        text.remove_prefix(slice.size());
    }
    co_return true;
}

void test_origin::count_octets(const std::string& path, std::size_t octets)
{
    const std::lock_guard lock(mutex_);
    counts_[path].octets += octets;
    total_.octets += octets;
}

}  // namespace support
