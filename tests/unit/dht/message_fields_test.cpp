#include "dht/core/message_fields.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dht {
namespace {

// The fields as whole messages have them are tested with the decoder.
class MessageFieldsTest : public ::testing::Test
{
protected:
    bencode::value_view read(std::string text)
    {
        text_ = std::move(text);
        document_ = bencode::document::parse(text_);
        EXPECT_TRUE(document_) << text_;
        return document_->root();
    }

private:
    std::string text_;
    result<bencode::document> document_ = errc::bad_syntax;
};

TEST_F(MessageFieldsTest, ANumberIsInItsRangeOrAbsent)
{
    EXPECT_EQ(*number(read("i7e"), 1, 7, 3), 7);
    EXPECT_EQ(number(read("i8e"), 1, 7, 3).error(), errc::out_of_range);
    EXPECT_EQ(number(read("i0e"), 1, 7, 3).error(), errc::out_of_range);
    EXPECT_EQ(number(read("1:7"), 1, 7, 3).error(), errc::wrong_type);
    EXPECT_EQ(*number(read("de")["absent"], 1, 7, 3), 3);
}

TEST_F(MessageFieldsTest, AnIdHas20Octets)
{
    EXPECT_EQ(identifier(read("20:" + std::string(20, 'x')))->text(), std::string(20, 'x'));
    EXPECT_EQ(identifier(read("19:" + std::string(19, 'x'))).error(), errc::wrong_type);
    EXPECT_EQ(identifier(read("de")["absent"]).error(), errc::missing_field);
}

TEST_F(MessageFieldsTest, ALeaseThatIsGrantedHasANumber)
{
    EXPECT_FALSE(*read_lease(read("de")));
    EXPECT_EQ(read_lease(read("d2:lei1e2:lti9ee")).error(), errc::missing_field);
    const auto lease = *read_lease(read("d2:lei1e2:lni4e2:lti9ee"));
    ASSERT_TRUE(lease);
    EXPECT_TRUE(lease->granted);
    EXPECT_EQ(lease->number, 4U);
    EXPECT_EQ(lease->left.count(), 9);
    EXPECT_EQ(read_lease(read("d2:lei0e2:lh6:" + std::string(6, '\1').replace(4, 2, 2, '\0') + "e"))
                  .error(),
        errc::wrong_type)
        << "a holder without a port";
}

TEST_F(MessageFieldsTest, WithoutAClaimItsOtherFieldsMeanNothing)
{
    EXPECT_FALSE(*read_claim(read("d2:sld2:dni0eee")));
    EXPECT_EQ(read_claim(read("d2:sld2:cmi10e2:dni0eee")).error(), errc::out_of_range);
    EXPECT_EQ((*read_claim(read("d2:sld2:cmi10e2:dni3eee")))->silent, 3U);
}

TEST_F(MessageFieldsTest, BigEndianIsTheOrderOfTheWire)
{
    EXPECT_EQ(big_endian("\x01\x02"), 258U);
    EXPECT_EQ(big_endian(""), 0U);
}

}  // namespace
}  // namespace dht
