#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace dht {
namespace {

const std::string id20(20, 'i');
const std::string key20(20, 'k');

result<message> decode_text(std::string_view text)
{
    return decode(std::as_bytes(std::span{text}));
}

boost::system::error_code error_of(std::string_view text)
{
    const result<message> decoded = decode_text(text);
    return decoded ? boost::system::error_code{} : decoded.error();
}

std::string query_text(const std::string& arguments, const std::string& method)
{
    return "d1:ad2:id20:" + id20 + arguments + "e1:q" + std::to_string(method.size()) + ":" +
           method + "1:t4:abcd1:y1:qe";
}

std::string reply_text(const std::string& fields)
{
    return "d1:rd2:id20:" + id20 + fields + "e1:t4:abcd1:y1:re";
}

// The example of BEP 5, with an ID of its length.
TEST(DecoderTest, ReadsThePingOfBep5)
{
    const auto decoded = decode_text("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe");
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->transaction, "aa");
    const auto& asked = std::get<query>(decoded->body);
    EXPECT_EQ(asked.sender.text(), "abcdefghij0123456789");
    EXPECT_FALSE(asked.network);
    EXPECT_TRUE(std::holds_alternative<ping_query>(asked.method));
}

TEST(DecoderTest, IgnoresFieldsItDoesNotKnow)
{
    const auto decoded = decode_text("d1:ad2:id20:" + id20 +
                                     "2:sld2:cl8:clusters2:lvi1e2:nw8:networkse2:zzlee1:q4:ping"
                                     "2:roi1e1:t1:a1:v4:XX001:y1:q1:zi1ee");
    ASSERT_TRUE(decoded);
    const auto& asked = std::get<query>(decoded->body);
    EXPECT_TRUE(asked.network);
    EXPECT_TRUE(asked.read_only);
}

TEST(DecoderTest, ReadsTheLifeOfAPutThatAsksItsWay)
{
    const auto decoded =
        decode_text(query_text("9:info_hash20:" + key20 + "2:sld2:tti3600ee", "get_peers"));
    ASSERT_TRUE(decoded);
    const auto& asked = std::get<query>(decoded->body);
    EXPECT_EQ(std::get<get_peers_query>(asked.method).put_life, std::chrono::seconds{3600});
}

TEST(DecoderTest, UnknownMethodIsAQueryOfItsOwnKind)
{
    const auto decoded = decode_text(query_text("", "vote"));
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(std::holds_alternative<unknown_query>(std::get<query>(decoded->body).method));
}

TEST(DecoderTest, RefusesMessagesWithoutWhatTheyNeed)
{
    EXPECT_EQ(error_of("de"), errc::missing_field);
    EXPECT_EQ(error_of("i1e"), errc::missing_field);
    EXPECT_EQ(error_of("d1:t1:a1:y1:qe"), errc::missing_field);
    EXPECT_EQ(error_of("d1:t1:a1:y1:re"), errc::missing_field);
    EXPECT_EQ(error_of("d1:t1:a1:y1:ee"), errc::missing_field);
    EXPECT_EQ(error_of("d1:t1:a1:y1:xe"), errc::unknown_kind);
    EXPECT_EQ(error_of("d1:t1:ae"), errc::unknown_kind);
    EXPECT_EQ(error_of(query_text("", "find_node")), errc::missing_field);
    EXPECT_EQ(error_of(query_text("", "get_peers")), errc::missing_field);
    EXPECT_EQ(error_of(query_text("9:info_hash20:" + key20, "announce_peer")), errc::missing_field);
}

TEST(DecoderTest, RefusesFieldsOfTheWrongTypeOrLength)
{
    EXPECT_EQ(error_of("d1:ad2:id3:abce1:q4:ping1:t1:a1:y1:qe"), errc::wrong_type);
    EXPECT_EQ(error_of("d1:ad2:idi1ee1:q4:ping1:t1:a1:y1:qe"), errc::wrong_type);
    EXPECT_EQ(error_of("d1:ale1:q4:ping1:t1:a1:y1:qe"), errc::wrong_type);
    EXPECT_EQ(error_of(query_text("2:sli1e", "ping")), errc::wrong_type);
    EXPECT_EQ(error_of(query_text("2:sld2:nw3:abce", "ping")), errc::wrong_type);
    EXPECT_EQ(error_of("d1:t17:aaaaaaaaaaaaaaaaa1:y1:qe"), errc::wrong_type);
    EXPECT_EQ(error_of(reply_text("5:nodes25:" + std::string(25, 'n'))), errc::wrong_type);
    EXPECT_EQ(error_of(reply_text("6:valuesl5:abcdee")), errc::wrong_type);
    EXPECT_EQ(error_of(reply_text("6:valuesi1e")), errc::wrong_type);
    EXPECT_EQ(error_of(reply_text("2:sli1e")), errc::wrong_type);
    EXPECT_EQ(error_of(reply_text("5:token33:" + std::string(33, 't'))), errc::wrong_type);
}

// libtorrent 2.0.8 stores port 2^62 as 0.
TEST(DecoderTest, ChecksNumbersBeforeItNarrowsThem)
{
    const std::string start = "9:info_hash20:" + key20;
    const std::string end = "5:token8:12345678";
    EXPECT_FALSE(error_of(query_text(start + "4:porti65535e" + end, "announce_peer")));
    EXPECT_EQ(
        error_of(query_text(start + "4:porti65536e" + end, "announce_peer")), errc::out_of_range);
    EXPECT_EQ(error_of(query_text(start + "4:porti4611686018427387904e" + end, "announce_peer")),
        errc::out_of_range);
    EXPECT_EQ(
        error_of(query_text(start + "4:porti-1e" + end, "announce_peer")), errc::out_of_range);
    const std::string port = start + "4:porti1e";
    EXPECT_EQ(error_of(query_text(port + "2:sld2:sti4e2:tti1ee" + end, "announce_peer")),
        errc::out_of_range);
    EXPECT_EQ(error_of(query_text(port + "2:sld2:sti1e2:tti65536ee" + end, "announce_peer")),
        errc::out_of_range);
    EXPECT_EQ(error_of(query_text(port + "2:sld2:sti1e2:tti0ee" + end, "announce_peer")),
        errc::out_of_range);
}

TEST(DecoderTest, ChecksEachFieldOfAClaim)
{
    const std::string key = "9:info_hash20:" + key20;
    const struct
    {
        const char* fields;
        boost::system::error_code error;
    } cases[] = {
        {"2:sld2:cmi10ee5:token8:12345678", {}},
        {"2:sld2:cmi10ee", {}},
        {"2:sld2:cmi0ee", errc::out_of_range},
        {"2:sld2:cmi65536ee", errc::out_of_range},
        {"2:sld2:cm2:10e", errc::out_of_range},
        {"2:sld2:cmi10e2:dni9007199254740991ee", {}},
        {"2:sld2:cmi10e2:dni9007199254740992ee", errc::out_of_range},
        {"2:sld2:cmi10e2:dni0ee", errc::out_of_range},
        {"2:sld2:cmi10ee5:tokeni1e", errc::wrong_type},
        {"2:sld2:cmi10ee5:token33:123456789012345678901234567890123", errc::wrong_type},
        // Without `cm` there is no claim, and nobody reads the rest of one.
        {"2:sld2:dn1:xe5:tokeni1e", {}},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(error_of(query_text(key + each.fields, "get_peers")), each.error) << each.fields;
    }
}

TEST(DecoderTest, ChecksEachFieldOfARenewal)
{
    const std::string start = "12:implied_porti1e9:info_hash20:" + key20 + "2:sld";
    const std::string end = "2:sti2e2:tti10ee5:token8:12345678";
    const struct
    {
        const char* before;
        const char* after;
        boost::system::error_code error;
    } cases[] = {
        {"2:lni1e", "2:pri0e", {}},
        {"2:lni0e", "2:pri0e", errc::out_of_range},
        {"2:lni9007199254740992e", "2:pri0e", errc::out_of_range},
        {"2:ln1:1", "2:pri0e", errc::out_of_range},
        {"2:lni1e", "2:pri9223372036854775807e", {}},
        {"2:lni1e", "2:pri-1e", errc::out_of_range},
        {"2:lni1e", "2:prle", errc::out_of_range},
    };
    for (const auto& each : cases) {
        const std::string text = start + each.before + each.after + end;
        EXPECT_EQ(error_of(query_text(text, "announce_peer")), each.error) << text;
    }
}

TEST(DecoderTest, ChecksEachFieldOfTheAnswerToAClaim)
{
    const std::string holder{"2:lh6:\x7f\x00\x00\x01\x10\x20", 12};
    const std::string nowhere{"2:lh6:\x7f\x00\x00\x01\x00\x00", 12};
    const struct
    {
        std::string fields;
        boost::system::error_code error;
    } cases[] = {
        {"2:lei0e" + holder + "2:lni7e2:lti9e", {}},
        {"2:lei0e", {}},
        {"2:lei1e2:lni7e2:lti9e", {}},
        {"2:lei1e", errc::missing_field},
        {"2:lei2e2:lni7e", errc::out_of_range},
        {"2:lei0e" + nowhere, errc::wrong_type},
        {"2:lei0e2:lh3:abc", errc::wrong_type},
        {"2:lei0e2:lni-1e", errc::out_of_range},
        {"2:lei0e2:lti65536e", errc::out_of_range},
    };
    for (const auto& each : cases) {
        EXPECT_EQ(error_of(reply_text("2:sld" + each.fields + "e")), each.error) << each.fields;
    }
}

TEST(DecoderTest, ChecksTheLevelAndItsCluster)
{
    const auto with = [](const std::string& extension) {
        return error_of(query_text("2:sld" + extension + "e", "ping"));
    };
    EXPECT_FALSE(with("2:cl8:clusterA2:lvi2e"));
    EXPECT_FALSE(with("2:lvi0e"));
    EXPECT_TRUE(with("2:lvi2e")) << "of which cluster?";
    EXPECT_TRUE(with("2:cl7:cluster2:lvi2e"));
    EXPECT_TRUE(with("2:cl8:clusterA2:lvi9e"));
    EXPECT_TRUE(with("2:cl8:clusterA2:lvi-1e"));
}

TEST(DecoderTest, APingMayWantOrBeAProbeOfReachability)
{
    const auto read = [](const std::string& field) {
        return decode_text(query_text("2:sld2:nw8:networks" + field + "e", "ping"));
    };
    const auto reach_of = [&](const std::string& field) {
        return std::get<ping_query>(std::get<query>(read(field)->body).method).reach;
    };
    EXPECT_FALSE(reach_of(""));
    EXPECT_TRUE(reach_of("2:rc1:?")->what == reach_request::step::wanted);
    EXPECT_TRUE(reach_of("2:rc1:!")->what == reach_request::step::probe);
    const std::string where{"\x7f\x00\x00\x01\x10\x20", 6};
    EXPECT_TRUE(reach_of("2:rc6:" + where)->what == reach_request::step::pass_on);
    EXPECT_EQ(to_string(reach_of("2:rc6:" + where)->whom), "127.0.0.1:4128");
    const std::string no_port{"\x7f\x00\x00\x01\x00\x00", 6};
    for (const std::string& wrong : {std::string("2:rc0:"),
             std::string("2:rc1:x"),
             "2:rc5:" + where.substr(1),
             std::string("2:rci1e"),
             "2:rc6:" + no_port}) {
        EXPECT_FALSE(read(wrong)) << wrong;
    }
}

TEST(DecoderTest, AnAnswerMaySayThatItsSenderIsReadOnlyAndThatItPassedAPingOn)
{
    const auto with = [](const std::string& fields) {
        return *std::get<response>(decode_text(reply_text("2:sld" + fields + "e"))->body).sloppy;
    };
    EXPECT_TRUE(with("2:rci1e").passed_on && !with("2:rci1e").read_only);
    EXPECT_TRUE(with("2:roi1e").read_only && !with("2:roi1e").passed_on);
    EXPECT_FALSE(with("2:rci0e2:roi0e").passed_on || with("").read_only);
}

TEST(DecoderTest, ChecksTheClustersOfASender)
{
    const auto with = [](std::size_t octets) {
        const std::string field = "2:cs" + std::to_string(octets) + ":" + std::string(octets, 'c');
        return error_of(reply_text("2:sld" + field + "e"));
    };
    EXPECT_FALSE(with(16));
    EXPECT_FALSE(with(8 * 16));
    EXPECT_TRUE(with(0));
    EXPECT_TRUE(with(15));
    EXPECT_TRUE(with(9 * 16));
    EXPECT_TRUE(error_of(reply_text("2:sld2:csi1eee")));
}

TEST(DecoderTest, ValuesWithoutTermsAreThoseOfAPlainNode)
{
    const std::string value{"\x7f\x00\x00\x01\x10\x20", 6};
    const auto decoded = decode_text(reply_text("6:valuesl6:" + value + "e"));
    ASSERT_TRUE(decoded);
    const auto& reply = std::get<response>(decoded->body);
    ASSERT_EQ(reply.values.size(), 1U);
    EXPECT_EQ(to_string(reply.values[0].peer), "127.0.0.1:4128");
    EXPECT_EQ(reply.values[0].life.count(), 0);
    EXPECT_FALSE(reply.sloppy);
}

TEST(DecoderTest, TermsMustBeAsManyAsValues)
{
    const std::string value{"\x7f\x00\x00\x01\x10\x20", 6};
    const std::string one(14, '\1');
    const auto with = [&](const std::string& meta) {
        return reply_text(
            "2:sld2:vm" + std::to_string(meta.size()) + ":" + meta + "e6:valuesl6:" + value + "e");
    };
    EXPECT_FALSE(error_of(with(one)));
    EXPECT_EQ(error_of(with(one + one)), errc::wrong_type);
    EXPECT_EQ(error_of(with(std::string(13, '\1'))), errc::wrong_type);
    EXPECT_EQ(error_of(with("")), errc::wrong_type);
}

TEST(DecoderTest, LeavesOutContactsThatCannotBeThere)
{
    const std::string nowhere{"\x00\x00\x00\x00\x10\x20", 6};
    const std::string no_port{"\x7f\x00\x00\x01\x00\x00", 6};
    const std::string good{"\x7f\x00\x00\x01\x10\x20", 6};
    const auto decoded =
        decode_text(reply_text("5:nodes78:" + id20 + nowhere + id20 + no_port + id20 + good));
    ASSERT_TRUE(decoded);
    const auto& reply = std::get<response>(decoded->body);
    ASSERT_EQ(reply.nodes.size(), 1U);
    EXPECT_EQ(to_string(reply.nodes[0].at), "127.0.0.1:4128");
}

TEST(DecoderTest, RefusesADatagramLongerThanAnyOfOurs)
{
    const std::string filler(1'472, 'x');
    EXPECT_EQ(error_of(query_text("2:zz" + std::to_string(filler.size()) + ":" + filler, "ping")),
        errc::too_large);
}

}  // namespace
}  // namespace dht
