// Contacts that outlive the process: a text file, one endpoint a line.

#pragma once

#include "dht/core/endpoint.hpp"

#include <boost/system/error_code.hpp>

#include <filesystem>
#include <vector>

namespace dht {

// Lines that are no endpoint are passed over, and so is a file that cannot be read: the worst that
// happens is a join through the seeds.
std::vector<endpoint> load_contacts(const std::filesystem::path& file);

// Replaces the file as a whole or leaves it as it was.
boost::system::error_code save_contacts(
    const std::filesystem::path& file, const std::vector<endpoint>& contacts);

}  // namespace dht
