// TLS to origins, with an authority of the test's own.

#include "tests/wire/upstream_fixture.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace proxy {
namespace {

namespace asio = boost::asio;
using boost::beast::http::verb;
using support::script;
using support::scripted_server;
using namespace std::chrono_literals;

constexpr const char* ok_hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

class UpstreamTlsTest : public upstream_test
{
protected:
    UpstreamTlsTest()
    {
        settings.tls = make_origin_tls_context(std::vector<std::string>(1, authority.root_pem()));
    }

    upstream_target https_at(std::uint16_t port, const std::string& host = "127.0.0.1") const
    {
        upstream_target target = origin_at(port);
        target.scheme = "https";
        target.host = host;
        return target;
    }

    // What a server that presents this certificate and answers well gives.
    received_response response_from(
        const support::tls_identity& identity, const std::string& host = "127.0.0.1")
    {
        scripted_server server(context, {script().request().send(ok_hello)}, &identity);
        const auto client = make_client();
        const received_response response = get(*client, https_at(server.port(), host));
        EXPECT_EQ(server.requests().empty(), response.error.failed());  // nothing leaks to it
        return response;
    }

    support::certificate_authority authority;
    support::tls_identity good = authority.issue("DNS:origin.localhost,IP:127.0.0.1");
};

TEST_F(UpstreamTlsTest, TrustsACertificateForTheNameOrTheAddress)
{
    EXPECT_EQ(response_from(good).content, "hello");
    EXPECT_EQ(response_from(good, "origin.localhost").content, "hello");
}

TEST_F(UpstreamTlsTest, SendsTheNameButNeverAnAddressAsServerName)
{
    scripted_server server(context, {script(), script()}, &good);
    const auto client = make_client();
    boost::system::result<upstream_connection> connection = upstream_errc::cancelled;
    run(store(connection, client->acquire(https_at(server.port(), "origin.localhost"), false)));
    run(store(connection, client->acquire(https_at(server.port()), false)));
    connection = upstream_errc::cancelled;
    run(server.ended(2));
    EXPECT_THAT(server.server_names(), testing::ElementsAre("origin.localhost", ""));
}

TEST_F(UpstreamTlsTest, ReusesAConnection)
{
    scripted_server server(
        context, {script().request().send(ok_hello).request().send(ok_hello)}, &good);
    const auto client = make_client();
    EXPECT_FALSE(get(*client, https_at(server.port())).error);
    const received_response second = get(*client, https_at(server.port()));
    EXPECT_TRUE(second.reused);
    EXPECT_EQ(second.content, "hello");
}

TEST_F(UpstreamTlsTest, RefusesACertificateForAnotherName)
{
    EXPECT_EQ(response_from(authority.issue("DNS:other.localhost"), "origin.localhost").error,
        upstream_errc::tls_certificate_refused);
    EXPECT_EQ(response_from(authority.issue("DNS:localhost"), "origin.localhost").error,
        upstream_errc::tls_certificate_refused);
    EXPECT_EQ(response_from(authority.issue("DNS:or*.localhost"), "origin.localhost").error,
        upstream_errc::tls_certificate_refused);
    EXPECT_EQ(response_from(authority.issue("IP:127.0.0.2")).error,
        upstream_errc::tls_certificate_refused);
    // A name that reads like the address is not the address (RFC 9110, section 4.3.5).
    EXPECT_EQ(response_from(authority.issue("DNS:127.0.0.1")).error,
        upstream_errc::tls_certificate_refused);
}

TEST_F(UpstreamTlsTest, RefusesAnExpiredCertificate)
{
    EXPECT_EQ(response_from(authority.issue("IP:127.0.0.1", -60)).error,
        upstream_errc::tls_certificate_refused);
}

TEST_F(UpstreamTlsTest, RefusesACertificateOfAnUnknownAuthority)
{
    const support::certificate_authority stranger;
    EXPECT_EQ(response_from(stranger.issue("IP:127.0.0.1")).error,
        upstream_errc::tls_certificate_refused);
}

TEST_F(UpstreamTlsTest, TrustsTheFileThatTheEnvironmentNames)
{
    const char* former = std::getenv("SSL_CERT_FILE");
    const std::string restored = former != nullptr ? former : "";
    const support::certificate_authority other;
    const auto file = std::filesystem::path(testing::TempDir()) / "atoll_test_root.pem";
    std::ofstream(file) << other.root_pem();
    setenv("SSL_CERT_FILE", file.c_str(), 1);
    settings.tls = make_origin_tls_context();
    if (former != nullptr) {
        setenv("SSL_CERT_FILE", restored.c_str(), 1);
    } else {
        unsetenv("SSL_CERT_FILE");
    }
    std::filesystem::remove(file);
    EXPECT_EQ(response_from(other.issue("IP:127.0.0.1")).content, "hello");
}

TEST_F(UpstreamTlsTest, AnExtraRootThatIsNoCertificateIsRefusedAtStart)
{
    const std::vector<std::string> nonsense(1, "nonsense");
    EXPECT_THROW(make_origin_tls_context(nonsense), boost::system::system_error);
}

TEST_F(UpstreamTlsTest, AServerThatSpeaksNoTlsIsToldFromABadCertificate)
{
    scripted_server server(context, {script().send("HTTP/1.1 400 Bad Request\r\n\r\n").close()});
    const auto client = make_client();
    EXPECT_EQ(get(*client, https_at(server.port())).error, upstream_errc::tls_failed);
}

TEST_F(UpstreamTlsTest, RefusesOldVersionsOfTls)
{
    scripted_server server(context, {script()}, &good);
    server.limit_tls_version(TLS1_1_VERSION);
    const auto client = make_client();
    EXPECT_EQ(get(*client, https_at(server.port())).error, upstream_errc::tls_failed);
}

TEST_F(UpstreamTlsTest, SilenceInTheHandshakeEndsAtTheDeadlineForTheConnection)
{
    settings.limit.origin_connect = 50ms;
    scripted_server server(context, {script().no_answer().hold()}, &good);
    const auto client = make_client();
    EXPECT_EQ(get(*client, https_at(server.port())).error, upstream_errc::connect_timeout);
}

TEST_F(UpstreamTlsTest, CancellationInTheHandshakeClosesTheConnection)
{
    scripted_server server(context, {script().no_answer().hold()}, &good);
    const auto client = make_client();
    task_set exchange(context.get_executor(), [](const std::exception_ptr&) {});
    received_response response;
    exchange.spawn(store(response, fetch(*client, https_at(server.port()))));
    run(server.reached_hold());
    exchange.cancel();
    run(exchange.join());
    server.release();
    run(server.ended(1));
    EXPECT_EQ(client->statistics().opened, 0U);
}

TEST_F(UpstreamTlsTest, ABodyWithoutFramingIsWholeOnlyAfterCloseNotify)
{
    const std::string head = "HTTP/1.1 200 OK\r\n\r\nto the end";
    scripted_server server(context,
        {script().request().send(head).close(), script().request().send(head).truncate()},
        &good);
    const auto client = make_client();
    const received_response whole = get(*client, https_at(server.port()));
    EXPECT_FALSE(whole.error);
    EXPECT_EQ(whole.content, "to the end");

    const received_response cut = get(*client, https_at(server.port()));
    EXPECT_EQ(cut.error, upstream_errc::closed_early);
    EXPECT_EQ(cut.content, "to the end");
}

TEST_F(UpstreamTlsTest, OctetsAfterTheContentEndTheConnection)
{
    scripted_server server(
        context, {script().request().send(std::string(ok_hello) + "surplus")}, &good);
    const auto client = make_client();
    EXPECT_EQ(get(*client, https_at(server.port())).content, "hello");
    EXPECT_EQ(client->statistics().idle, 0U);
}

asio::awaitable<void> count_octets(
    upstream& client, upstream_target target, std::uint64_t& received, std::uint64_t& sent)
{
    auto connection = co_await client.acquire(target, true);
    EXPECT_FALSE(co_await connection->send(get_request));
    EXPECT_TRUE(co_await connection->read_head(verb::get, patience));
    std::string content;
    EXPECT_FALSE(co_await read_all(*connection, content));
    connection->finish();
    received = connection->wire_octets_received();
    sent = connection->wire_octets_sent();
}

TEST_F(UpstreamTlsTest, CountsHandshakeAndRecordsToTheExchangeThatCausedThem)
{
    scripted_server server(
        context, {script().request().send(ok_hello).request().send(ok_hello)}, &good);
    const auto client = make_client();
    std::array<std::uint64_t, 2> received = {};
    std::array<std::uint64_t, 2> sent = {};
    for (std::size_t exchange = 0; exchange < 2; ++exchange) {
        run(count_octets(*client, https_at(server.port()), received[exchange], sent[exchange]));
    }
    EXPECT_GT(received[0], received[1] + 500);  // the certificate
    EXPECT_GT(received[1], std::string_view(ok_hello).size());
    EXPECT_LT(received[1], std::string_view(ok_hello).size() + 50);
    EXPECT_GT(sent[0], sent[1]);
    EXPECT_GT(sent[1], get_request.size());
}

}  // namespace
}  // namespace proxy
