// Properties that hold whatever comes: a fixed seed makes every run the same; tests/fuzz goes
// further.

#include "proxy/http1/serializer.hpp"
#include "tests/unit/http1/feeding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace proxy::http1 {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t rounds = 5'000;

class mutator
{
public:
    explicit mutator(unsigned seed) : random_{seed} {}

    std::size_t below(std::size_t limit) { return random_() % limit; }

    // Some octets replaced, removed or doubled, mostly by ones that mean something to a parser.
    std::string mutate(std::string text)
    {
        constexpr std::string_view telling = "\r\n \t:;,=\"\\/#@0159afAF\0\x7f\x80"sv;
        for (std::size_t change = below(4); change != 0; --change) {
            const std::size_t at = below(text.size());
            switch (below(3)) {
            case 0: text[at] = telling[below(telling.size())]; break;
            case 1: text.erase(at, 1 + below(3)); break;
            default: text.insert(at, text, at, 1 + below(8)); break;
            }
            if (text.empty()) {
                text = "\r";
            }
        }
        return text;
    }

    std::string text(std::string_view alphabet, std::size_t longest)
    {
        std::string made(1 + below(longest), ' ');
        for (char& c : made) {
            c = alphabet[below(alphabet.size())];
        }
        return made;
    }

private:
    std::mt19937 random_;
};

TEST(MutationTest, RequestParserTakesNoMoreThanThereIsAndSeesNoCuts)
{
    const std::array<std::string, 3> seeds{
        "GET /a?b HTTP/1.1\r\nHost: a:80\r\nX: y\r\nConnection: close\r\n\r\n",
        "\r\nPOST http://b/ HTTP/1.1\r\nHost: b\r\nContent-Length: 10\r\nExpect: "
        "100-continue\r\n\r\n",
        "PUT / HTTP/1.1\r\nhost: [::1]\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"};
    mutator mutations{1};
    std::size_t accepted = 0;
    for (std::size_t round = 0; round != rounds; ++round) {
        const std::string request = mutations.mutate(seeds[round % seeds.size()]);
        request_head whole;
        request_head cut;
        const result<std::size_t> parsed = parse_at_once(request, whole);
        ASSERT_EQ(parse_octet_by_octet(request, cut), parsed) << testing::PrintToString(request);
        if (!parsed || *parsed == 0) {
            continue;
        }
        ++accepted;
        ASSERT_LE(*parsed, request.size());
        ASSERT_EQ(cut.fields, whole.fields);
        ASSERT_EQ(cut.target, whole.target);
    }
    EXPECT_GT(accepted, rounds / 10);  // else the mutations show nothing
    EXPECT_LT(accepted, rounds);
}

TEST(MutationTest, BodyDecoderTakesNoMoreThanThereIsAndSeesNoCuts)
{
    const std::array<std::string, 2> seeds{
        "5;a=\"b c\";d\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
        "1\r\na\r\n0\r\n\r\nGET /"};
    mutator mutations{2};
    std::size_t finished = 0;
    for (std::size_t round = 0; round != rounds; ++round) {
        const std::string octets = mutations.mutate(seeds[round % seeds.size()]);
        const body_decoder decoder{body_framing::chunked, 0};
        const decoded_body whole = decode_in_reads(decoder, octets, octets.size());
        ASSERT_LE(whole.consumed, octets.size());
        ASSERT_EQ(decode_in_reads(decoder, octets, 1 + mutations.below(9)), whole)
            << testing::PrintToString(octets);
        finished += whole.finished ? 1U : 0U;
    }
    EXPECT_GT(finished, rounds / 10);
    EXPECT_LT(finished, rounds);
}

TEST(MutationTest, RequestsAreReadAsTheyWereWritten)
{
    mutator random{3};
    for (std::size_t round = 0; round != rounds; ++round) {
        const std::string method = random.text("ABCXYZ-", 8);
        const std::string target = "/" + random.text("ab/?&=%2f~!", 40);
        cache::field_section fields;
        fields.add("Host", random.text("abc", 9));
        for (std::size_t line = random.below(20); line != 0; --line) {
            // A letter at the ends keeps blanks inside.
            fields.add("X" + random.text("aB-_!1", 12),
                "v" + random.text("ab \t:,\"\\;=\x80\xff", 60) + "v");
        }
        std::string written;
        append_request_line(written, method, target);
        append_fields(written, fields);
        append_framing(written, body_framing::content_length, round);
        append_end_of_head(written);

        request_head read;
        const result<std::size_t> parsed = request_parser{}.parse(written + "next", read);
        ASSERT_TRUE(parsed) << testing::PrintToString(written) << parsed.error().message();
        ASSERT_EQ(*parsed, written.size());
        ASSERT_EQ(read.method, method);
        ASSERT_EQ(read.target, target);
        ASSERT_EQ(read.content_length, round);
        ASSERT_EQ(read.fields.erase("Content-Length"), 1U);
        ASSERT_EQ(read.fields, fields);
    }
}

TEST(MutationTest, ChunksAreReadAsTheyWereWritten)
{
    mutator random{4};
    for (std::size_t round = 0; round != rounds; ++round) {
        std::string content;
        std::string written;
        for (std::size_t chunk = random.below(6); chunk != 0; --chunk) {
            const std::string octets = random.text("0\r\n;a", 40);
            append_chunk_header(written, octets.size());
            written.append(octets).append(chunk_end);
            content += octets;
        }
        written.append(last_chunk);
        const decoded_body read = decode_in_reads(
            body_decoder{body_framing::chunked, 0}, written + "next", 1 + random.below(50));
        ASSERT_TRUE(read.finished) << testing::PrintToString(written);
        ASSERT_EQ(read.content, content);
        ASSERT_EQ(read.consumed, written.size());
    }
}

}  // namespace
}  // namespace proxy::http1
