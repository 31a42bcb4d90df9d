// Every fallible call of a peer fails once, at each position of each scenario: the client gets the
// right octets or an error that it can tell, soon, and the peer goes on.

#include "tests/support/call_failures.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <boost/beast/core/error.hpp>

#include <cstdlib>
#include <functional>
#include <thread>

namespace proxy {
namespace {

using support::fail_plan;
using support::http_request;
using support::http_response;

// Different for each path, so that bodies that were mixed up are told apart.
std::string body_for(std::string_view path)
{
    const bool is_large = path.starts_with("/large") || path.starts_with("/range");
    std::string body;
    const std::size_t octets = is_large ? 1'500'000 : 2'000;
    while (body.size() < octets) {
        body.append(path).append(" ").append(std::to_string(body.size())).append("\n");
    }
    body.resize(octets);
    return body;
}

std::string in_chunks(std::string_view body)
{
    constexpr std::size_t piece = 700;
    std::string text;
    while (!body.empty()) {
        const std::string_view part = body.substr(0, piece);
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", part.size());
        text.append(size).append(part).append("\r\n");
        body.remove_prefix(part.size());
    }
    return text + "0\r\n\r\n";
}

// What the path asks for; "bytes=A-B" from paths that begin with /range.
support::raw_answer answer_for(
    std::string_view method, std::string_view path, std::string_view head)
{
    const std::string ok = "HTTP/1.1 200 OK\r\nETag: \"v\"\r\n";
    std::string body = body_for(path);
    if (method == "POST") {
        return {ok + "Content-Length: 6\r\n\r\nposted"};
    }
    if (path.starts_with("/stale")) {
        const std::string old = "Cache-Control: max-age=5\r\nAge: 9\r\n";
        if (!support::field_in(head, "If-None-Match").empty()) {
            return {"HTTP/1.1 304 Not Modified\r\nETag: \"v\"\r\n" + old + "\r\n"};
        }
        return {ok + old + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body};
    }
    const std::string fresh = "Cache-Control: max-age=60\r\n";
    if (path.starts_with("/chunked")) {
        return {ok + fresh + "Transfer-Encoding: chunked\r\n\r\n" + in_chunks(body)};
    }
    const std::string range = support::field_in(head, "Range");
    if (path.starts_with("/range") && !range.empty()) {
        const std::size_t dash = range.find('-');
        const std::size_t first = std::stoul(range.substr(6, dash - 6));
        const std::string end = range.substr(dash + 1);
        const std::size_t last =
            end.empty() ? body.size() - 1 : std::min<std::size_t>(std::stoul(end), body.size() - 1);
        const std::string part = body.substr(first, last - first + 1);
        return {"HTTP/1.1 206 Partial Content\r\nETag: \"v\"\r\n" + fresh +
                "Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                std::to_string(body.size()) + "\r\nContent-Length: " + std::to_string(part.size()) +
                "\r\n\r\n" + part};
    }
    const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (path.starts_with("/hints")) {
        return {
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok + fresh + length + "\r\n" + body};
    }
    return {ok + fresh + length + "\r\n" + (method == "HEAD" ? "" : body)};
}

class TortureTest : public testing::Test
{
protected:
    TortureTest()
        : failures_(directory_.path() / "plan"),
          origin_(std::make_unique<support::raw_origin>(
              [](std::string_view received) { return respond(received); }))
    {
        support::atoll_peer_options options;
        options.directory = directory_.path() / "peer";
        options.use_peers = false;
        options.environment = failures_.environment();
        options.environment.emplace_back("ASAN_OPTIONS=verify_asan_link_order=0");
        options.more_arguments = {"--allow-purge", "127.0.0.1"};
        peer_ = std::make_unique<support::atoll_peer>(options);
    }

    static std::optional<support::raw_answer> respond(std::string_view received)
    {
        if (!support::is_whole_request(received)) {
            return std::nullopt;
        }
        const std::string_view head = received.substr(0, received.find("\r\n\r\n") + 2);
        const std::size_t blank = head.find(' ');
        const std::size_t second = head.find(' ', blank + 1);
        return answer_for(head.substr(0, blank), head.substr(blank + 1, second - blank - 1), head);
    }

    http_request forward(const std::string& path) const
    {
        return support::forward_request(origin_->authority(), path);
    }

    // An error of the connection, an answer of the peer's own that says so, or exactly this.
    void ask(const http_request& request, unsigned status, const std::string& body)
    {
        support::http_client client(peer_->client(), std::chrono::seconds(5));
        check(client.exchange(request), status, body);
    }

    void check(const support::http_client::result& answer, unsigned status, const std::string& body)
    {
        if (!answer) {
            EXPECT_NE(answer.error(), boost::beast::error::timeout) << "it hangs";
            return;
        }
        if (answer->status >= 500 || (answer->status == 400 && status != 400)) {
            return;
        }
        EXPECT_EQ(answer->status, status);
        EXPECT_TRUE(answer->body == body) << answer->body.size() << " octets are wrong";
    }

    void get(const std::string& path) { ask(forward(path), 200, body_for(path)); }

    void get_range(const std::string& path, std::size_t first, std::size_t last)
    {
        http_request request = forward(path);
        request.fields.emplace_back(
            "Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last));
        ask(request, 206, body_for(path).substr(first, last - first + 1));
    }

    // Runs the scenario with each call failing in turn. It gets a name that no other run had.
    void torture(const char* name,
        std::uint32_t kinds,
        const std::function<void(const std::string& unique)>& scenario)
    {
        SCOPED_TRACE(name);
        for (std::int64_t position = 1; position < most_positions && !HasFatalFailure();
             position += stride()) {
            SCOPED_TRACE("call " + std::to_string(position));
            failures_.arm(kinds, position);
            scenario("-" + std::to_string(++runs_));
            const bool failed = failures_.disarm();
            ASSERT_TRUE(peer_->program().running()) << peer_->log();
            if (HasFailure() || !failed) {
                break;
            }
            failed_ += 1;
            // The peer goes on as if nothing had been.
            get("/plain-after" + std::to_string(runs_));
        }
    }

    static std::int64_t stride()
    {
        const char* const wanted = std::getenv("ATOLL_TORTURE_STRIDE");
        return wanted == nullptr ? 9 : std::atoi(wanted);
    }

    // Those of the store come and go with its files.
    std::size_t open_sockets() const
    {
        const auto folder =
            std::filesystem::path("/proc") / std::to_string(peer_->program().id()) / "fd";
        std::size_t sockets = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::error_code gone;
            const std::string what = std::filesystem::read_symlink(entry.path(), gone);
            sockets += what.starts_with("socket:") ? 1U : 0U;
        }
        return sockets;
    }

    static constexpr std::int64_t most_positions = 400;
    support::temporary_directory directory_;
    support::call_failures failures_;
    std::unique_ptr<support::raw_origin> origin_;
    std::unique_ptr<support::atoll_peer> peer_;
    unsigned runs_ = 0;
    unsigned failed_ = 0;
};

TEST_F(TortureTest, SocketsFailAtEachPosition)
{
    constexpr auto sockets = fail_plan::sockets;
    get("/plain-first");
    const std::size_t before = open_sockets();
    torture("miss, then hit", sockets, [&](const std::string& unique) {
        get("/plain" + unique);
        get("/plain" + unique);
    });
    torture("large body", sockets, [&](const std::string& unique) {
        get("/large" + unique);
        get("/large" + unique);
    });
    torture("chunked body", sockets, [&](const std::string& unique) { get("/chunked" + unique); });
    torture("early hints", sockets, [&](const std::string& unique) { get("/hints" + unique); });
    torture("validation", sockets, [&](const std::string& unique) {
        get("/stale" + unique);
        get("/stale" + unique);
    });
    torture("HEAD", sockets, [&](const std::string& unique) {
        http_request request = forward("/plain" + unique);
        request.method = "HEAD";
        ask(request, 200, "");
    });
    torture("conditions", sockets, [&](const std::string& unique) {
        get("/plain" + unique);
        http_request request = forward("/plain" + unique);
        request.fields.emplace_back("If-None-Match", "\"v\"");
        ask(request, 304, "");
    });
    torture("range of a stored body", sockets, [&](const std::string& unique) {
        get("/plain" + unique);
        get_range("/plain" + unique, 10, 99);
    });
    torture("slices", sockets, [&](const std::string& unique) {
        get_range("/range" + unique, 1'200'000, 1'200'099);
        get_range("/range" + unique, 1'000'000, 1'100'000);
    });
    torture("whole body out of slices", sockets, [&](const std::string& unique) {
        get_range("/range" + unique, 0, 9);
        get("/range" + unique);
    });
    torture("POST", sockets, [&](const std::string& unique) {
        http_request request = forward("/plain" + unique);
        request.method = "POST";
        request.fields.emplace_back("Content-Length", "3");
        request.body = "abc";
        ask(request, 200, "posted");
    });
    torture("POST in chunks", sockets, [&](const std::string& unique) {
        http_request request = forward("/plain" + unique);
        request.method = "POST";
        request.fields.emplace_back("Transfer-Encoding", "chunked");
        request.body = in_chunks("abcdef");
        ask(request, 200, "posted");
    });
    torture("expectation", sockets, [&](const std::string& unique) {
        http_request request = forward("/plain" + unique);
        request.method = "POST";
        request.fields.emplace_back("Expect", "100-continue");
        request.fields.emplace_back("Content-Length", "3");
        request.body = "abc";
        ask(request, 200, "posted");
    });
    torture("large POST", sockets, [&](const std::string& unique) {
        http_request request = forward("/plain" + unique);
        request.method = "POST";
        request.fields.emplace_back("Content-Length", "500000");
        request.body = std::string(500'000, 'p');
        ask(request, 200, "posted");
    });
    torture("pipeline", sockets, [&](const std::string& unique) {
        const std::string path = "/plain" + unique;
        support::http_client client(peer_->client(), std::chrono::seconds(5));
        for (const auto& answer : client.pipeline({forward(path), forward(path), forward(path)})) {
            check(answer, 200, body_for(path));
        }
    });
    torture("coralized name", sockets, [&](const std::string& unique) {
        const std::string path = "/plain" + unique;
        ask(support::coralized_request(origin_->authority(), path, peer_->client()),
            200,
            body_for(path));
    });
    torture("crowd", sockets, [&](const std::string& unique) {
        std::vector<std::thread> clients;
        for (int i = 0; i != 4; ++i) {
            clients.emplace_back([&] { get("/large" + unique); });
        }
        for (std::thread& client : clients) {
            client.join();
        }
    });
    torture("name to resolve", sockets, [&](const std::string& unique) {
        const std::string path = "/plain" + unique;
        const std::string port = std::to_string(origin_->port());
        ask(support::forward_request("localhost:" + port, path), 200, body_for(path));
    });
    torture("purge", sockets, [&](const std::string& unique) {
        get("/plain" + unique);
        http_request request = forward("/plain" + unique);
        request.method = "PURGE";
        support::http_client client(peer_->client(), std::chrono::seconds(5));
        static_cast<void>(client.exchange(request));
        get("/plain" + unique);
    });
    torture("malformed request", sockets, [&](const std::string&) {
        http_request request;
        request.target = "nonsense";
        support::http_client client(peer_->client(), std::chrono::seconds(5));
        const auto answer = client.exchange(request);
        EXPECT_TRUE(!answer || answer->status >= 400);
    });
    torture("admin page", sockets, [&](const std::string&) {
        static_cast<void>(peer_->admin_page("/v1/status"));
    });
    torture("refused target", sockets, [&](const std::string& unique) {
        support::http_client client(peer_->client(), std::chrono::seconds(5));
        const auto answer =
            client.exchange(support::forward_request("169.254.1.1", "/plain" + unique));
        EXPECT_TRUE(!answer || answer->status == 403);
    });
    std::printf("%u calls of 22 scenarios failed\n", failed_);
    // With the origin its idle connections go.
    origin_.reset();
    EXPECT_TRUE(support::eventually([&] { return open_sockets() <= before; }))
        << open_sockets() << " sockets, " << before << " before";
}

TEST_F(TortureTest, FilesFailAtEachPosition)
{
    constexpr auto files = fail_plan::files;
    ASSERT_TRUE(support::eventually([&] { return peer_->admin_page("/readyz") == "ready\n"; }));
    torture("stores and hits", files, [&](const std::string& unique) {
        get("/plain" + unique);
        get("/large" + unique);
        get("/large" + unique);
        get_range("/range" + unique, 0, 9);
        get_range("/range" + unique, 5, 12);
    });
    std::printf("%u calls on files failed\n", failed_);
}

}  // namespace
}  // namespace proxy
