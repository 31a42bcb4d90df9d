// Who this node is: an Ed25519 key from its first start, kept in the state folder.

#pragma once

#include <boost/system/result.hpp>

#include <filesystem>
#include <string>

namespace proxy {

struct identity
{
    // "atoll-" and eight hexadecimal digits of the key's SHA-256: names this node in Via, CDN-Loop
    // and Cache-Status without telling its host name or address (RFC 9110, section 7.6.3).
    std::string pseudonym;
};

// Reads state/identity.pem, or makes it (mode 0600) together with the folder (mode 0700). The error
// says whether the folder cannot be made, the file cannot be read or written, or holds no Ed25519
// key.
boost::system::result<identity> load_identity(const std::filesystem::path& state);

}  // namespace proxy
