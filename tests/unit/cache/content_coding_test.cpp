#include "cache/policy/content_coding.hpp"

#include "tests/unit/cache/builders.hpp"

#include <gtest/gtest.h>

namespace cache {
namespace {

using support::fields;

// RFC 9110, section 12.5.3: what each client gets is what it accepts.
TEST(CodingClassTest, FollowsWeightsAndFallsBackToIdentity)
{
    using enum coding_class;
    struct
    {
        std::string_view value;
        coding_class expected;
    } const cases[] = {
        {"gzip, deflate, br, zstd", br},
        {"br, gzip", br},
        {"BR;Q=1, x-gzip", br},
        {"*", br},
        {"gzip", gzip},
        {"gzip, deflate", gzip},
        {"gzip;q=0.001", gzip},
        {"gzip, br;q=0", gzip},
        {"gzip, br;q=0.000", gzip},
        {"*, br;q=0", gzip},
        {"br", identity},  // not br: the class must accept gzip too
        {"br, gzip;q=0", identity},
        {"*;q=0", identity},
        {"*;q=0, gzip", gzip},
        {"*, gzip;q=0", identity},
        {"identity", identity},
        {"deflate", identity},
        {"", identity},
        {"gzip;q", identity},
        {"gzip;q=", identity},
        {"gzip;q=2", identity},
        {"gzip;q=1.001", identity},
        {"gzip;q=0.1234", identity},
        {"gzip;q=.5", identity},
        {"gzip;q=x", identity},
        {"gzip;level=9", identity},
        {"gzip, \"br", identity},
        {"gzip br", identity},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(accepted_codings(fields({{"Accept-Encoding", c.value}})), c.expected) << c.value;
    }
    EXPECT_EQ(accepted_codings({}), identity);
    EXPECT_EQ(
        accepted_codings(fields({{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}})), br);
}

TEST(CodingClassTest, CanonicalFormStaysInItsClass)
{
    for (const coding_class c : {coding_class::identity, coding_class::gzip, coding_class::br}) {
        EXPECT_EQ(accepted_codings(fields({{"Accept-Encoding", accept_encoding_for(c)}})), c);
    }
    EXPECT_EQ(name_of(coding_class::br), "br");
    EXPECT_EQ(name_of(coding_class::gzip), "gzip");
    EXPECT_EQ(name_of(coding_class::identity), "identity");
}

TEST(CodingClassTest, ResponseFitsAClassThatAcceptsAllItsCodings)
{
    using enum coding_class;
    struct
    {
        std::string_view coding;
        bool identity_fits;
        bool gzip_fits;
        bool br_fits;
    } const cases[] = {
        {"identity", true, true, true},
        {"", true, true, true},
        {"GZip", false, true, true},
        {"br", false, false, true},
        {"gzip, br", false, false, true},
        {"zstd", false, false, false},
        {"gzip, zstd", false, false, false},
    };
    for (const auto& c : cases) {
        const auto response = fields({{"Content-Encoding", c.coding}});
        EXPECT_EQ(fits_class(response, identity), c.identity_fits) << c.coding;
        EXPECT_EQ(fits_class(response, gzip), c.gzip_fits) << c.coding;
        EXPECT_EQ(fits_class(response, br), c.br_fits) << c.coding;
    }
    EXPECT_TRUE(fits_class({}, identity));
}

}  // namespace
}  // namespace cache
