#include "tests/support/demo_site.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace support {
namespace {

constexpr std::size_t palette_size = 256;
constexpr std::size_t file_header_octets = 14;
constexpr std::size_t information_header_octets = 40;

void put_little_endian(std::string& text, std::uint32_t value, unsigned octets)
{
    for (unsigned octet = 0; octet < octets; ++octet) {
        text.push_back(static_cast<char>(value >> (8 * octet)));
    }
}

char colour_level(double phase)
{
    return static_cast<char>(
        static_cast<std::uint8_t>(std::lround(127.5 + 110.0 * std::sin(phase))));
}

// A turn around the colour circle that starts elsewhere for each picture.
void put_palette(std::string& text, double start)
{
    constexpr double third = 2 * std::numbers::pi / 3;
    for (std::size_t index = 0; index < palette_size; ++index) {
        const double phase =
            start + 2 * std::numbers::pi * static_cast<double>(index) / palette_size;
        text.push_back(colour_level(phase));              // blue
        text.push_back(colour_level(phase + third));      // green
        text.push_back(colour_level(phase + 2 * third));  // red
        text.push_back('\0');
    }
}

// Waves whose number and centre differ from picture to picture.
std::uint8_t pixel(unsigned x, unsigned y, unsigned number)
{
    const double width = demo_picture_pixels;
    const double across = x / width - 0.5;
    const double down = y / width - 0.5;
    const double turn = number * 0.57;
    const double distance = std::hypot(across - 0.3 * std::cos(turn), down - 0.3 * std::sin(turn));
    const double wave =
        std::sin(distance * (8 + 2.5 * number)) +
        std::sin((across * std::cos(turn) + down * std::sin(turn)) * (4.0 + number));
    return static_cast<std::uint8_t>(std::lround(127.5 + 63.0 * wave));
}

// A bitmap of one octet per pixel. It needs no compression, and its header says where the pixels
// start, so that a gap before them gives every file the same size.
std::string picture(unsigned number)
{
    constexpr std::uint32_t pixels = demo_picture_pixels * demo_picture_pixels;
    constexpr std::uint32_t pixels_start = demo_file_octets - pixels;
    static_assert(
        pixels_start >= file_header_octets + information_header_octets + 4 * palette_size);
    static_assert(demo_picture_pixels % 4 == 0, "rows of a bitmap are padded to four octets");

    std::string text = "BM";
    put_little_endian(text, demo_file_octets, 4);
    put_little_endian(text, 0, 4);
    put_little_endian(text, pixels_start, 4);
    put_little_endian(text, information_header_octets, 4);
    put_little_endian(text, demo_picture_pixels, 4);
    put_little_endian(text, demo_picture_pixels, 4);
    put_little_endian(text, 1, 2);       // planes
    put_little_endian(text, 8, 2);       // bits per pixel
    put_little_endian(text, 0, 4);       // no compression
    put_little_endian(text, pixels, 4);  // octets of pixels
    put_little_endian(text, 2'835, 4);   // 72 dots per inch, across
    put_little_endian(text, 2'835, 4);   // and down
    put_little_endian(text, palette_size, 4);
    put_little_endian(text, 0, 4);
    put_palette(text, 0.9 * number);
    text.resize(pixels_start, '\0');
    for (unsigned y = 0; y < demo_picture_pixels; ++y) {
        for (unsigned x = 0; x < demo_picture_pixels; ++x) {
            text.push_back(static_cast<char>(pixel(x, y, number)));
        }
    }
    return text;
}

std::string picture_name(unsigned number)
{
    return (number < 10 ? "picture-0" : "picture-") + std::to_string(number) + ".bmp";
}

std::string page()
{
    std::string text = R"(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>A small page in a large crowd</title>
<style>
body { font: 1.1rem/1.5 sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem }
img { margin: .2rem; border-radius: .6rem }
</style>
<h1>A small page in a large crowd</h1>
<p>This page and its eleven pictures have 41 KB each. They come from a server whose uplink carries
384 kbit a second, about one file a second for all the world together. If they were here at once,
a peer near you had them.</p>
<p id="report">waiting for the pictures</p>
<div>
)";
    for (unsigned number = 1; number <= demo_picture_count; ++number) {
        text += "<img src=\"" + picture_name(number) + "\" width=200 height=200 alt=\"waves\">\n";
    }
    text += R"(</div>
<script>
addEventListener("load", () => {
    const pictures = [...document.images];
    const shown = pictures.filter(picture => picture.naturalWidth === 200).length;
    document.getElementById("report").textContent = `${shown} of ${pictures.length} pictures shown`;
});
</script>
)";
    constexpr std::string_view verse = "and the crowd asks again, and the origin sleeps on\n";
    text += "<!-- What follows only gives the page the size of its pictures.\n";
    while (text.size() + verse.size() + 4 <= demo_file_octets) {
        text += verse;
    }
    text.resize(demo_file_octets - 4, '.');
    return text + "-->\n";  // four octets
}

}  // namespace

std::vector<demo_file> make_demo_site()
{
    std::vector<demo_file> site;
    site.push_back({"/", "text/html; charset=utf-8", page(), "\"page-1\""});
    for (unsigned number = 1; number <= demo_picture_count; ++number) {
        site.push_back({"/" + picture_name(number),
            "image/bmp",
            picture(number),
            "\"picture-" + std::to_string(number) + "\""});
    }
    return site;
}

void serve_demo_site(test_origin& origin, const std::vector<demo_file>& site)
{
    for (const demo_file& file : site) {
        origin_route route;
        route.body = file.body;
        route.content_type = file.content_type;
        route.etag = file.etag;
        origin.serve(file.path, std::move(route));
    }
}

}  // namespace support
