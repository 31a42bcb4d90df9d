#include "proxy/identity.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace proxy {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using file_pointer = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

boost::system::error_code last_error()
{
    return {errno, boost::system::generic_category()};
}

boost::system::error_code not_a_key()
{
    return make_error_code(boost::system::errc::illegal_byte_sequence);
}

boost::system::result<key_pointer> read_key(const std::filesystem::path& path)
{
    const file_pointer file{std::fopen(path.c_str(), "re"), &std::fclose};
    if (!file) {
        return last_error();
    }
    key_pointer key{PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
    if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
        return not_a_key();
    }
    return key;
}

// Written beside and renamed, so that a kill in between leaves no half key.
boost::system::result<key_pointer> make_key(const std::filesystem::path& path)
{
    key_pointer key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free};
    if (!key) {
        return not_a_key();
    }
    const std::filesystem::path fresh = path.string() + "." + std::to_string(::getpid());
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return last_error();
    }
    file_pointer file{::fdopen(descriptor, "w"), &std::fclose};
    if (PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
        std::fflush(file.get()) != 0) {
        return last_error();
    }
    std::error_code error;
    std::filesystem::rename(fresh, path, error);
    if (error) {
        return boost::system::error_code{error};
    }
    return key;
}

std::string pseudonym_of(EVP_PKEY* key)
{
    std::array<unsigned char, 32> public_key{};
    std::size_t octets = public_key.size();
    EVP_PKEY_get_raw_public_key(key, public_key.data(), &octets);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(public_key.data(), octets, digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text = "atoll-";
    constexpr const char* digits = "0123456789abcdef";
    for (std::size_t i = 0; i < 4; ++i) {
        text += digits[digest[i] >> 4U];
        text += digits[digest[i] & 0x0fU];
    }
    return text;
}

}  // namespace

boost::system::result<identity> load_identity(const std::filesystem::path& state)
{
    std::error_code error;
    if (std::filesystem::create_directories(state, error)) {
        std::filesystem::permissions(state, std::filesystem::perms::owner_all, error);
    }
    if (error) {
        return boost::system::error_code{error};
    }
    const std::filesystem::path path = state / "identity.pem";
    boost::system::result<key_pointer> key = read_key(path);
    if (!key && key.error() == boost::system::errc::no_such_file_or_directory) {
        key = make_key(path);
    }
    if (!key) {
        return key.error();
    }
    return identity{pseudonym_of(key->get())};
}

}  // namespace proxy
