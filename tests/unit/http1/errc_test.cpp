#include "proxy/http1/errc.hpp"

#include <gtest/gtest.h>

#include <set>

namespace proxy::http1 {
namespace {

TEST(ErrcTest, EveryReasonHasASentenceOfItsOwn)
{
    std::set<std::string> sentences;
    const int last = static_cast<int>(errc::incomplete_message);
    for (int value = 1; value <= last; ++value) {
        const std::string sentence = make_error_code(static_cast<errc>(value)).message();
        EXPECT_NE(sentence, "unknown error") << value;
        EXPECT_TRUE(sentences.insert(sentence).second) << sentence;
    }
    EXPECT_EQ(make_error_code(static_cast<errc>(last + 1)).message(), "unknown error");
}

TEST(ErrcTest, BelongsToACategoryOfItsOwn)
{
    EXPECT_STREQ(make_error_code(errc::malformed_chunk).category().name(), "http1");
    EXPECT_NE(make_error_code(errc::malformed_start_line),
        boost::system::error_code(1, boost::system::generic_category()));
}

TEST(ErrcTest, RefusalHasTheStatusThatItsReasonAsksFor)
{
    EXPECT_EQ(status_for(errc::malformed_start_line), 400U);
    EXPECT_EQ(status_for(errc::malformed_transfer_coding), 400U);
    EXPECT_EQ(status_for(errc::chunk_overhead_too_large), 400U);
    EXPECT_EQ(status_for(errc::target_too_long), 414U);          // RFC 9112, section 3
    EXPECT_EQ(status_for(errc::unknown_expectation), 417U);      // RFC 9110, section 10.1.1
    EXPECT_EQ(status_for(errc::fields_too_large), 431U);         // RFC 6585, section 5
    EXPECT_EQ(status_for(errc::too_many_fields), 431U);          // RFC 6585, section 5
    EXPECT_EQ(status_for(errc::unknown_transfer_coding), 501U);  // RFC 9112, section 6.1
    EXPECT_EQ(status_for(errc::unsupported_version), 505U);      // RFC 9110, section 15.6.6
    EXPECT_EQ(status_for(boost::system::error_code{}), 400U);
}

}  // namespace
}  // namespace proxy::http1
