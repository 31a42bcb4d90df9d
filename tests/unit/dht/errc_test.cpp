#include "dht/core/errc.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dht {
namespace {

TEST(ErrcTest, EachValueHasASentenceOfItsOwn)
{
    std::set<std::string> sentences;
    const int last = static_cast<int>(errc::slot_taken);
    for (int value = 1; value <= last; ++value) {
        const boost::system::error_code error = static_cast<errc>(value);
        EXPECT_NE(error.message(), "unknown") << value;
        sentences.insert(error.message());
    }
    EXPECT_EQ(sentences.size(), static_cast<std::size_t>(last));
    EXPECT_STREQ(category().name(), "dht");
}

}  // namespace
}  // namespace dht
