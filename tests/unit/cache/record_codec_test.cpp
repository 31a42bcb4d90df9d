#include "cache/store/record_codec.hpp"

#include "cache/store/errc.hpp"
#include "tests/unit/cache/store_fixture.hpp"

#include <optional>
#include <string>

namespace cache {
namespace {

using boost::system::result;
using support::generated_body;
using support::response_of;

std::string encode(const stored_response& response, std::optional<std::string_view> body = {})
{
    return encode_metadata("http://example.com/a", 7, response, body).value();
}

TEST(RecordCodecTest, ReturnsEveryFieldOfAResponse)
{
    stored_response response = response_of("body", "en");
    response.status = 404;
    response.sharing = sharing_class::verified;
    response.invalidated = true;
    response.outdated = true;
    response.request_time = wall_time{std::chrono::milliseconds{-5}};
    response.fields.add("x-Empty", "");
    response.fields.add("x-eMpTy", "\x80 obs-text \xff");
    for (const bool with_body : {true, false}) {
        const result<metadata_record> decoded = decode_metadata(
            encode(response, with_body ? std::optional<std::string_view>{"body"} : std::nullopt));
        ASSERT_TRUE(decoded);
        EXPECT_EQ(decoded->key_text, "http://example.com/a");
        EXPECT_EQ(decoded->object.id, 7U);
        EXPECT_EQ(decoded->object.response, response);
        EXPECT_EQ(decoded->object.inline_body.has_value(), with_body);
        EXPECT_EQ(decoded->object.inline_body.value_or("body"), "body");
    }
}

TEST(RecordCodecTest, ReturnsHeadersOfEverySizeUpToSixtyFourKibibytes)
{
    for (std::size_t power = 1; power <= 64 * 1024; power *= 2) {
        for (std::size_t size = power < 2 ? 0 : power - 2; size <= power + 2; ++size) {
            stored_response response;
            response.fields.add("x", std::string(size, 'v'));
            const result<metadata_record> decoded = decode_metadata(encode(response));
            ASSERT_TRUE(decoded) << size;
            EXPECT_EQ(decoded->object.response, response) << size;
        }
    }
}

TEST(RecordCodecTest, RefusesWhatPassesTheLimitsOfARecord)
{
    stored_response many;
    for (std::size_t i = 0; i != max_section_lines; ++i) {
        many.fields.add("x", "");
    }
    EXPECT_TRUE(decode_metadata(encode(many)));
    many.fields.add("x", "");
    EXPECT_EQ(encode_metadata("k", 1, many, {}).error(), store_errc::record_too_large);

    stored_response long_value;
    long_value.fields.add("x", std::string(max_section_octets - 1, 'v'));
    EXPECT_TRUE(decode_metadata(encode(long_value)));
    long_value.fields.set("x", std::string(max_section_octets, 'v'));
    EXPECT_EQ(encode_metadata("k", 1, long_value, {}).error(), store_errc::record_too_large);

    const std::string key(max_key_text_octets, 'k');
    EXPECT_TRUE(decode_metadata(encode_metadata(key, 1, {}, {}).value()));
    EXPECT_EQ(encode_metadata(key + "k", 1, {}, {}).error(), store_errc::record_too_large);
}

TEST(RecordCodecTest, RefusesARecordWithAnyBitFlipped)
{
    const std::string record = encode(response_of("body", "en"), "body");
    for (std::size_t bit = 0; bit != 8 * record.size(); ++bit) {
        std::string flipped = record;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(decode_metadata(flipped).error(), store_errc::damaged) << bit;
    }
}

TEST(RecordCodecTest, RefusesARecordCutAnywhereEvenWithTheRightChecksum)
{
    const std::string record = encode(response_of("body", "en"), "body");
    for (std::size_t size = 0; size != record.size(); ++size) {
        std::string cut = record.substr(0, size);
        EXPECT_FALSE(decode_metadata(cut));
        repair_metadata_checksum(cut);
        EXPECT_FALSE(decode_metadata(cut)) << size;
    }
    std::string longer = record + "x";
    repair_metadata_checksum(longer);
    EXPECT_FALSE(decode_metadata(longer));
}

TEST(RecordCodecTest, RefusesAnotherVersion)
{
    std::string record = encode(response_of("body"));
    record[0] = 2;
    repair_metadata_checksum(record);
    EXPECT_EQ(decode_metadata(record).error(), store_errc::damaged);
}

TEST(RecordCodecTest, RefusesFieldsThatAParserWouldNotLetThrough)
{
    stored_response response;
    response.fields.add("name", "value");
    for (const auto& [from, to] : {std::pair{"name", "na e"}, std::pair{"value", "val\re"}}) {
        std::string record = encode(response);
        record.replace(record.find(from), std::string_view{from}.size(), to);
        repair_metadata_checksum(record);
        EXPECT_FALSE(decode_metadata(record)) << to;
    }
}

TEST(ChunkSealTest, OpensWhatItSealed)
{
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, body_chunk_octets}) {
        const std::string chunk = generated_body(size, size);
        const chunk_trailer trailer = seal_chunk(9, 3, chunk);
        EXPECT_EQ(
            check_chunk(9, 3, chunk + std::string{trailer.begin(), trailer.end()}).value(), size);
    }
}

TEST(ChunkSealTest, RefusesFlippedBitsShorterOnesAndThoseOfAnotherPlace)
{
    const std::string chunk = generated_body(1, 100);
    const chunk_trailer trailer = seal_chunk(9, 3, chunk);
    const std::string sealed = chunk + std::string{trailer.begin(), trailer.end()};
    for (std::size_t bit = 0; bit != 8 * sealed.size(); ++bit) {
        std::string flipped = sealed;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_EQ(check_chunk(9, 3, flipped).error(), store_errc::damaged) << bit;
    }
    for (std::size_t size = 0; size != sealed.size(); ++size) {
        EXPECT_FALSE(check_chunk(9, 3, sealed.substr(0, size))) << size;
    }
    EXPECT_FALSE(check_chunk(9, 4, sealed));
    EXPECT_FALSE(check_chunk(8, 3, sealed));
}

}  // namespace
}  // namespace cache
