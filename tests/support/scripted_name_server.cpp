#include "tests/support/scripted_name_server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <utility>

namespace support {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

// RFC 1035, section 4.1.
constexpr std::size_t header_octets = 12;
constexpr unsigned type_a = 1;
constexpr unsigned type_aaaa = 28;
constexpr unsigned no_such_name = 3;

void append_16(std::string& out, unsigned value)
{
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value & 0xff);
}

void append_32(std::string& out, std::uint32_t value)
{
    append_16(out, value >> 16);
    append_16(out, value & 0xffff);
}

void append_record(
    std::string& out, unsigned type, std::uint32_t ttl, const asio::ip::address& address)
{
    append_16(out, 0xc00c);  // the name of the question
    append_16(out, type);
    append_16(out, 1);
    append_32(out, ttl);
    const auto append_bytes = [&out](const auto& bytes) {
        append_16(out, static_cast<unsigned>(bytes.size()));
        out.append(bytes.begin(), bytes.end());
    };
    if (address.is_v4()) {
        append_bytes(address.to_v4().to_bytes());
    } else {
        append_bytes(address.to_v6().to_bytes());
    }
}

struct question
{
    std::string name;
    unsigned type = 0;
    std::size_t end = 0;
};

question parse_question(const std::string& query)
{
    question asked;
    std::size_t at = header_octets;
    while (query.at(at) != 0) {
        const auto length = static_cast<unsigned char>(query.at(at));
        asked.name += (asked.name.empty() ? "" : ".") + query.substr(at + 1, length);
        at += 1U + length;
    }
    asked.type = static_cast<unsigned char>(query.at(at + 2));
    asked.end = at + 5;
    return asked;
}

}  // namespace

scripted_name_server::scripted_name_server(
    asio::io_context& context, std::map<std::string, name_records> names)
    : context_(context),
      socket_(context, udp::endpoint(asio::ip::address_v4::loopback(), 0)),
      names_(std::move(names)),
      tasks_(context.get_executor(),
          [](const std::exception_ptr&) { ADD_FAILURE() << "scripted name server"; })
{
    tasks_.spawn(serve());
}

scripted_name_server::~scripted_name_server()
{
    tasks_.cancel();
    context_.restart();
    while (!tasks_.empty() && context_.run_one_for(std::chrono::seconds(10)) > 0) {
    }
}

std::string scripted_name_server::address() const
{
    return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port());
}

asio::awaitable<void> scripted_name_server::serve()
{
    while (true) {
        std::array<char, 512> space;
        udp::endpoint from;
        const std::size_t octets =
            co_await socket_.async_receive_from(asio::buffer(space), from, asio::use_awaitable);
        ++questions_;
        const std::string reply = answer(std::string(space.data(), octets));
        if (!reply.empty()) {
            co_await socket_.async_send_to(asio::buffer(reply), from, asio::use_awaitable);
        }
    }
}

// Empty: no answer.
std::string scripted_name_server::answer(const std::string& query) const
{
    const question asked = parse_question(query);
    const auto known = names_.find(asked.name);
    std::string records;
    unsigned count = 0;
    if (known != names_.end()) {
        const name_records& name = known->second;
        if ((asked.type == type_a && name.silent_v4) ||
            (asked.type == type_aaaa && name.silent_v6)) {
            return std::string();
        }
        for (const std::string& text : name.addresses) {
            const auto address = asio::ip::make_address(text);
            if (asked.type == (address.is_v4() ? type_a : type_aaaa)) {
                append_record(records, asked.type, name.ttl, address);
                ++count;
            }
        }
    }
    std::string reply = query.substr(0, 2);
    append_16(reply, 0x8180 | (known == names_.end() ? no_such_name : 0));
    append_16(reply, 1);
    append_16(reply, count);
    append_32(reply, 0);
    return reply + query.substr(header_octets, asked.end - header_octets) + records;
}

}  // namespace support
