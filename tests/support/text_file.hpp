#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace support {

// What the file holds; empty when there is none.
std::string read_file(const std::filesystem::path& file);

// Makes the folders above the file too. Throws std::system_error.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace support
