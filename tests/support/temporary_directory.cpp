#include "tests/support/temporary_directory.hpp"

#include <cstdlib>
#include <string>
#include <system_error>

namespace support {

temporary_directory::temporary_directory()
{
    std::string name = (std::filesystem::temp_directory_path() / "atoll-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
    }
    path_ = name;
}

temporary_directory::~temporary_directory()
{
    if (!keep_) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

}  // namespace support
