#include "proxy/http1/head_scanner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace proxy::http1 {
namespace {

constexpr head_limits small{.start_line_octets = 10, .section_octets = 40, .fields = 2};

TEST(HeadScannerTest, FindsTheStartLineAndTheEnd)
{
    head_scanner scanner{small};
    const std::string head = "start\r\na\r\n\r\nbody";
    EXPECT_EQ(scanner.find_start_line(head).value(), 7U);
    EXPECT_EQ(scanner.find_end(head).value(), 12U);
}

TEST(HeadScannerTest, GoesOnWhereItStopped)
{
    head_scanner scanner{small};
    const std::string head = "start\r\na\r\n\r\n";
    for (std::size_t octets = 0; octets != 7; ++octets) {
        EXPECT_EQ(scanner.find_start_line(head.substr(0, octets)).value(), 0U);
    }
    EXPECT_EQ(scanner.find_start_line(head.substr(0, 7)).value(), 7U);
    for (std::size_t octets = 7; octets != head.size(); ++octets) {
        EXPECT_EQ(scanner.find_end(head.substr(0, octets)).value(), 0U);
    }
    EXPECT_EQ(scanner.find_end(head).value(), head.size());
}

TEST(HeadScannerTest, BeginsAnewAfterReset)
{
    head_scanner scanner{small};
    ASSERT_EQ(scanner.find_start_line("a\r\nb\r\nc\r\n\r\n").value(), 3U);
    ASSERT_EQ(scanner.find_end("a\r\nb\r\nc\r\n\r\n").value(), 11U);
    scanner.reset();
    EXPECT_EQ(scanner.find_start_line("abc\r\n").value(), 5U);
    EXPECT_EQ(scanner.find_end("abc\r\nd\r\ne\r\n\r\n").value(), 13U);
}

TEST(HeadScannerTest, RefusesABareLineFeed)
{
    EXPECT_EQ(head_scanner{small}.find_start_line("\n").error(), errc::malformed_start_line);
    EXPECT_EQ(head_scanner{small}.find_start_line("a\n").error(), errc::malformed_start_line);
    head_scanner scanner{small};
    ASSERT_TRUE(scanner.find_start_line("a\r\n\n"));
    EXPECT_EQ(scanner.find_end("a\r\n\n").error(), errc::malformed_field_line);
}

TEST(HeadScannerTest, HoldsTheLimits)
{
    const std::string start(10, 'a');
    EXPECT_EQ(head_scanner{small}.find_start_line(start + "\r\n").value(), 12U);
    EXPECT_EQ(head_scanner{small}.find_start_line(start + "a\r\n").error(), errc::target_too_long);
    EXPECT_EQ(head_scanner{small}.find_start_line(start + "aa").error(), errc::target_too_long);

    const auto end = [](const std::string& head) {
        head_scanner scanner{small};
        EXPECT_TRUE(scanner.find_start_line(head));
        const result<std::size_t> found = scanner.find_end(head);
        return found ? boost::system::error_code{} : found.error();
    };
    EXPECT_FALSE(end("a\r\n" + std::string(33, 'b') + "\r\n\r\n"));
    EXPECT_EQ(end("a\r\n" + std::string(34, 'b') + "\r\n\r\n"), errc::fields_too_large);
    EXPECT_EQ(end("a\r\n" + std::string(38, 'b')), errc::fields_too_large);
    EXPECT_FALSE(end("a\r\nb\r\nc\r\n\r\n"));
    EXPECT_EQ(end("a\r\nb\r\nc\r\nd\r\n\r\n"), errc::too_many_fields);
}

}  // namespace
}  // namespace proxy::http1
