// What it costs to parse one head that is already in memory, and to write one anew.

#include "proxy/http1/parser.hpp"
#include "proxy/http1/serializer.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace proxy::http1 {
namespace {

constexpr std::string_view browser_request =
    "GET /assets/pictures/reef.jpg?v=3 HTTP/1.1\r\n"
    "Host: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\n"
    "Referer: http://www.example.com/\r\n"
    "Priority: u=4, i\r\n"
    "Pragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "\r\n";

constexpr std::string_view wrk_request =
    "GET /file HTTP/1.1\r\nHost: 127.0.0.1:3128\r\nUser-Agent: wrk\r\nAccept: */*\r\n\r\n";

constexpr std::string_view nginx_response =
    "HTTP/1.1 200 OK\r\n"
    "Server: nginx/1.22.1\r\n"
    "Date: Sun, 22 Nov 2026 05:14:56 GMT\r\n"
    "Content-Type: image/jpeg\r\n"
    "Content-Length: 41984\r\n"
    "Last-Modified: Sat, 21 Nov 2026 05:14:56 GMT\r\n"
    "Connection: keep-alive\r\n"
    "ETag: \"655c1f30-a400\"\r\n"
    "Cache-Control: max-age=3600\r\n"
    "Accept-Ranges: bytes\r\n"
    "\r\n";

void parse_request(benchmark::State& state, std::string_view octets)
{
    request_parser parser;
    request_head head;
    for ([[maybe_unused]] auto turn : state) {
        benchmark::DoNotOptimize(parser.parse(octets, head));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(octets.size()));
}

void parse_response(benchmark::State& state)
{
    response_parser parser;
    response_head head;
    for ([[maybe_unused]] auto turn : state) {
        benchmark::DoNotOptimize(parser.parse(nginx_response, boost::beast::http::verb::get, head));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(nginx_response.size()));
}

void write_request(benchmark::State& state)
{
    request_head head;
    request_parser{}.parse(browser_request, head).value();
    std::string out;
    for ([[maybe_unused]] auto turn : state) {
        out.clear();
        append_request_line(out, head.method, head.target);
        append_fields(out, head.fields);
        append_end_of_head(out);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(browser_request.size()));
}

BENCHMARK_CAPTURE(parse_request, browser, browser_request);
BENCHMARK_CAPTURE(parse_request, wrk, wrk_request);
BENCHMARK(parse_response);
BENCHMARK(write_request);

}  // namespace
}  // namespace proxy::http1

BENCHMARK_MAIN();
