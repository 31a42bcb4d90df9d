// SHA-256 of octets as they pass.

#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string_view>

namespace proxy {

class octet_digest
{
public:
    using digest = std::array<unsigned char, 32>;

    octet_digest() : context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free}
    {
        EVP_DigestInit_ex(context_.get(), sha256(), nullptr);
    }

    void update(std::string_view octets)
    {
        EVP_DigestUpdate(context_.get(), octets.data(), octets.size());
    }

    // Of all octets so far; more may follow.
    digest value() const
    {
        const context copy{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
        EVP_MD_CTX_copy_ex(copy.get(), context_.get());
        digest out{};
        EVP_DigestFinal_ex(copy.get(), out.data(), nullptr);
        return out;
    }

private:
    using context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

    // Looked up once: OpenSSL 3.0 searches its providers at each EVP_sha256().
    static const EVP_MD* sha256()
    {
        static const EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        return fetched;
    }

    context context_;
};

}  // namespace proxy
