#include "dht/core/bencode.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace dht::bencode {
namespace {

boost::system::error_code error_of(std::string_view text)
{
    const result<document> parsed = document::parse(text);
    return parsed ? boost::system::error_code{} : parsed.error();
}

TEST(BencodeTest, ReadsNestedValues)
{
    const std::string text = "d1:ali1e2:xylee1:bd1:ci-7ee1:d0:e";
    const result<document> parsed = document::parse(text);
    ASSERT_TRUE(parsed);
    const value_view root = parsed->root();
    EXPECT_EQ(root["a"].first().integer(), 1);
    EXPECT_EQ(root["a"].after(root["a"].first()).string(), "xy");
    EXPECT_EQ(root["b"]["c"].integer(), -7);
    EXPECT_EQ(root["d"].string(), "");
}

TEST(BencodeTest, EndsTheListAfterItsLastElement)
{
    const std::string text = "d1:ali1eli2eee1:bi3ee";
    const result<document> parsed = document::parse(text);
    ASSERT_TRUE(parsed);
    const value_view list = parsed->root()["a"];
    const value_view inner = list.after(list.first());
    EXPECT_TRUE(inner.is_list());
    EXPECT_FALSE(list.after(inner));
    EXPECT_FALSE(inner.after(inner.first()));
}

TEST(BencodeTest, AnswersNothingToQuestionsOfTheWrongType)
{
    const std::string text = "d1:ai1ee";
    const result<document> parsed = document::parse(text);
    ASSERT_TRUE(parsed);
    const value_view number = parsed->root()["a"];
    EXPECT_FALSE(number.string());
    EXPECT_FALSE(number["b"]);
    EXPECT_FALSE(number.first());
    EXPECT_FALSE(number["b"]["c"].first().integer());
    EXPECT_FALSE(parsed->root()["absent"]);
}

TEST(BencodeTest, RefusesWhatIsNotOneWholeValue)
{
    for (const std::string_view text : {"",
             "e",
             "i",
             "ie",
             "i1",
             "ixe",
             "i+1e",
             "i1.0e",
             "l",
             "d",
             "d1:a",
             "d1:ae",
             "di1ei2ee",
             "1",
             "2:a",
             "1:ab",
             "-1:a",
             "i1ei2e",
             "lee",
             "x",
             "99999999999999999999:a",
             "1 :a"}) {
        EXPECT_EQ(error_of(text), errc::bad_syntax) << text;
    }
}

TEST(BencodeTest, RefusesASecondEncodingOfTheSameValue)
{
    for (const std::string_view text : {"i01e",
             "i-0e",
             "i-01e",
             "i00e",
             "01:a",
             "d1:bi1e1:ai1ee",
             "d1:ai1e1:ai1ee",
             "d2:aai1e1:ai1ee"}) {
        EXPECT_EQ(error_of(text), errc::not_canonical) << text;
    }
    EXPECT_FALSE(error_of("i0e"));
    EXPECT_FALSE(error_of("d0:i1e1:ai1e2:aai1ee"));
}

TEST(BencodeTest, RefusesNumbersBeyond64Bits)
{
    EXPECT_FALSE(error_of("i9223372036854775807e"));
    EXPECT_FALSE(error_of("i-9223372036854775808e"));
    EXPECT_EQ(error_of("i9223372036854775808e"), errc::out_of_range);
}

TEST(BencodeTest, NestsUpToItsLimitAndNoDeeper)
{
    EXPECT_FALSE(error_of(std::string(most_depth, 'l') + std::string(most_depth, 'e')));
    EXPECT_EQ(error_of(std::string(most_depth + 1, 'l') + std::string(most_depth + 1, 'e')),
        errc::too_deep);
}

TEST(BencodeTest, HoldsUpToItsLimitOfPartsAndNoMore)
{
    std::string elements;
    for (std::size_t i = 1; i < most_items; ++i) {
        elements += "0:";
    }
    EXPECT_FALSE(error_of("l" + elements + "e"));
    EXPECT_EQ(error_of("l" + elements + "0:e"), errc::too_many_items);
}

TEST(BencodeTest, WriterWritesWhatTheReaderReads)
{
    writer out;
    out.begin_dictionary().string("a").integer(-5).string("b").begin_list();
    out.string("x").end().end();
    EXPECT_EQ(out.take(), "d1:ai-5e1:bl1:xee");
}

}  // namespace
}  // namespace dht::bencode
