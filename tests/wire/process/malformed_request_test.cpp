// What the grammar does not allow is refused with the right status, the connection is closed, and
// the origin never hears of it (RFC 9112, sections 2.2, 3, 5, 6.3 and 9.6).

#include "tests/support/raw_origin.hpp"
#include "tests/wire/process/one_peer.hpp"

#include <algorithm>

namespace proxy {
namespace {

using ending = support::raw_connection::ending;

struct malformed_case
{
    const char* name;
    unsigned status;
    std::string request;  // ORIGIN stands for the authority of the origin
};

std::string head(std::string_view request_line, std::string_view fields)
{
    std::string text(request_line);
    text.append("\r\n").append(fields).append("\r\n");
    return text;
}

std::vector<malformed_case> malformed_cases()
{
    const std::string get = "GET http://ORIGIN/ HTTP/1.1";
    const std::string post = "POST http://ORIGIN/ HTTP/1.1";
    const std::string host = "Host: ORIGIN\r\n";
    const std::string chunked = host + "Transfer-Encoding: chunked\r\n";
    std::string many;
    for (int i = 0; i < 500; ++i) {
        many += "X-" + std::to_string(i) + ": y\r\n";
    }
    return {
        {"length and chunked", 400, head(post, chunked + "Content-Length: 3\r\n") + "0\r\n\r\n"},
        {"two lengths",
            400,
            head(post, host + "Content-Length: 3\r\nContent-Length: 3\r\n") + "abc"},
        {"list of lengths", 400, head(post, host + "Content-Length: 3, 3\r\n") + "abc"},
        {"negative length", 400, head(post, host + "Content-Length: -1\r\n")},
        {"length with a sign", 400, head(post, host + "Content-Length: +3\r\n") + "abc"},
        {"length in hexadecimal", 400, head(post, host + "Content-Length: 0x3\r\n") + "abc"},
        {"length too large", 400, head(post, host + "Content-Length: 99999999999999999999\r\n")},
        {"chunked twice", 400, head(post, chunked + "Transfer-Encoding: chunked\r\n")},
        {"chunked not last", 400, head(post, host + "Transfer-Encoding: chunked, gzip\r\n")},
        {"unknown coding", 501, head(post, host + "Transfer-Encoding: gzip, chunked\r\n")},
        {"coding with a prefix", 400, head(post, host + "Transfer-Encoding: xchunked\r\n")},
        {"chunked in 1.0", 400, head("POST http://ORIGIN/ HTTP/1.0", chunked) + "0\r\n\r\n"},
        {"chunk size no number", 400, head(post, chunked) + "xyz\r\n"},
        {"chunk size too large", 400, head(post, chunked) + "fffffffffffffffff\r\n"},
        {"chunk longer than its size", 400, head(post, chunked) + "3\r\nabcd\r\n0\r\n\r\n"},
        {"chunk with bare LF", 400, head(post, chunked) + "3\nabc\n0\n\n"},
        {"bare LF after the first line", 400, get + "\n" + host + "\r\n"},
        {"bare LF after a field", 400, get + "\r\nHost: ORIGIN\nX: y\r\n\r\n"},
        {"bare CR in a field", 400, head(get, host + "X: a\rb\r\n")},
        {"NUL in a field", 400, head(get, host + std::string("X: a\0b\r\n", 8))},
        {"folded field", 400, head(get, host + "X: a\r\n b\r\n")},
        {"blank before the colon", 400, head(get, host + "X : a\r\n")},
        {"field without a colon", 400, head(get, host + "nonsense\r\n")},
        {"field without a name", 400, head(get, host + ": a\r\n")},
        {"field first line with a blank", 400, head(get, " X: a\r\n" + host)},
        {"no Host", 400, head(get, "")},
        {"two Hosts", 400, head(get, host + host)},
        {"Host with userinfo", 400, head("GET / HTTP/1.1", "Host: a@b\r\n")},
        {"Host with a path", 400, head("GET / HTTP/1.1", "Host: a/b\r\n")},
        {"target with userinfo", 400, head("GET http://u@ORIGIN/ HTTP/1.1", host)},
        {"target with a fragment", 400, head("GET http://ORIGIN/#a HTTP/1.1", host)},
        {"target with a blank", 400, head("GET http://ORIGIN/a b HTTP/1.1", host)},
        {"target with a control character", 400, head("GET http://ORIGIN/\x01 HTTP/1.1", host)},
        {"target with an octet above ASCII",
            400,
            head("GET http://ORIGIN/\xc3\xa4 HTTP/1.1", host)},
        {"asterisk for a GET", 400, head("GET * HTTP/1.1", host)},
        {"authority for a GET", 400, head("GET ORIGIN HTTP/1.1", host)},
        {"two blanks", 400, head("GET  http://ORIGIN/ HTTP/1.1", host)},
        {"tabulator", 400, head("GET\thttp://ORIGIN/ HTTP/1.1", host)},
        {"method with a control character", 400, head("G\x02T http://ORIGIN/ HTTP/1.1", host)},
        {"no version", 400, head("GET http://ORIGIN/", host)},
        {"version 2.0", 505, head("GET http://ORIGIN/ HTTP/2.0", host)},
        {"version of two digits", 400, head("GET http://ORIGIN/ HTTP/1.10", host)},
        {"version in lower case", 400, head("GET http://ORIGIN/ http/1.1", host)},
        {"preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"start of TLS", 400, std::string("\x16\x03\x01\x02\x00\x01", 6)},
        {"long target",
            414,
            head("GET http://ORIGIN/" + std::string(70'000, 'a') + " HTTP/1.1", host)},
        {"large head", 431, head(get, host + "X: " + std::string(70'000, 'a') + "\r\n")},
        {"many fields", 431, head(get, host + many)},
        {"unknown expectation", 417, head(post, host + "Expect: tea\r\nContent-Length: 0\r\n")},
        {"odd connection option", 400, head(get, host + "Connection: a b\r\n")},
    };
}

std::string with_origin(std::string request, const std::string& authority)
{
    constexpr std::string_view place = "ORIGIN";
    for (std::size_t at = request.find(place); at != std::string::npos;
         at = request.find(place, at + authority.size())) {
        request.replace(at, place.size(), authority);
    }
    return request;
}

// A chunked request is begun before its chunks are seen: it may be heard of, but never to its end.
bool looks_whole(const std::string& received)
{
    return received.find("0\r\n\r\n") != std::string::npos ||
           received.find("chunked") == std::string::npos;
}

class MalformedRequestTest : public one_peer
{
};

TEST_F(MalformedRequestTest, IsRefusedAndTheConnectionCloses)
{
    // One that answered before the end of the content would be passed on, and rightly.
    const support::raw_origin::script answer_head =
        support::always({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    support::raw_origin origin([&](std::string_view received) {
        return looks_whole(std::string{received}) ? answer_head(received) : std::nullopt;
    });
    for (const malformed_case& one : malformed_cases()) {
        SCOPED_TRACE(one.name);
        support::raw_connection client(peer().client());
        // What comes behind must not be taken for another request.
        client.send(with_origin(one.request, origin.authority()) +
                    head("GET http://" + origin.authority() + "/smuggled HTTP/1.1",
                        "Host: " + origin.authority() + "\r\n"));
        const std::string answer = client.read_to_end();
        EXPECT_EQ(support::status_of(answer), one.status) << answer.substr(0, 200);
        EXPECT_EQ(client.how_it_ended(), ending::closed);
        EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
        EXPECT_EQ(answer.find("\nHTTP/1.1 "), std::string::npos) << "a second answer";
    }
    for (const std::string& received : origin.received()) {
        EXPECT_FALSE(looks_whole(received)) << received;
        EXPECT_EQ(received.find("smuggled"), std::string::npos) << received;
    }
}

TEST_F(MalformedRequestTest, AnswersBeforeItStillArrive)
{
    support::raw_origin origin(support::always(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\n\r\nok"}));
    const std::string good = head(
        "GET http://" + origin.authority() + "/ HTTP/1.1", "Host: " + origin.authority() + "\r\n");
    const std::string answers = raw(good + good + "nonsense\r\n\r\n");
    EXPECT_EQ(support::status_of(answers), 200U);
    const std::size_t last = answers.rfind("HTTP/1.1 ");
    EXPECT_EQ(support::status_of(std::string_view(answers).substr(last)), 400U) << answers;
    EXPECT_EQ(origin.connections(), 1U);
}

TEST_F(MalformedRequestTest, EmptyLineBeforeARequestIsAllowed)
{
    support::raw_origin origin(support::always({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}));
    const std::string answer =
        raw("\r\n" + head("GET http://" + origin.authority() + "/ HTTP/1.1",
                         "Host: " + origin.authority() + "\r\nConnection: close\r\n"));
    EXPECT_EQ(support::status_of(answer), 200U) << answer;
}

}  // namespace
}  // namespace proxy
