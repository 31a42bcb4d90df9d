#pragma once

#include "tests/support/test_origin.hpp"

#include <string>
#include <vector>

namespace support {

struct demo_file
{
    std::string path;
    std::string content_type;
    std::string body;
    std::string etag;
};

inline constexpr std::size_t demo_file_octets = 41 * 1'024;
inline constexpr std::size_t demo_picture_count = 11;
inline constexpr unsigned demo_picture_pixels = 200;  // width and height

// The page of the demo and its pictures, 12 files of 41 KB as in the experiment of the Coral paper
// (Freedman et al., NSDI 2004, section 5.2). The page is first and is at "/". When its pictures are
// there, a script in it writes "11 of 11 pictures shown" into the element with the id "report".
std::vector<demo_file> make_demo_site();

void serve_demo_site(test_origin& origin, const std::vector<demo_file>& site);

}  // namespace support
