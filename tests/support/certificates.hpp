// A certificate authority of the tests' own.

#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace support {

struct key_deleter
{
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct certificate_deleter
{
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using key_ptr = std::unique_ptr<EVP_PKEY, key_deleter>;
using certificate_ptr = std::unique_ptr<X509, certificate_deleter>;

struct tls_identity
{
    std::string certificate_pem;
    std::string key_pem;
};

class certificate_authority
{
public:
    certificate_authority();

    std::string root_pem() const;

    // alternative_names as OpenSSL writes them: "DNS:a.test,IP:127.0.0.1". Valid from an hour
    // before life_seconds, which may be negative, to life_seconds from now.
    tls_identity issue(const std::string& alternative_names, long life_seconds = 3600) const;

private:
    key_ptr key_;
    certificate_ptr root_;
};

}  // namespace support
