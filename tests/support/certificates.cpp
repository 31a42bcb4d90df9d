#include "tests/support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace support {

namespace {

constexpr long hour = 3600;

void require(bool succeeded)
{
    if (!succeeded) {
        throw std::runtime_error("OpenSSL failed to make a certificate");
    }
}

template <class Write>
std::string pem(Write write)
{
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), &BIO_free);
    require(write(out.get()) == 1);
    char* data = nullptr;
    const long octets = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(octets));
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

// Not signed yet. The issuer is the certificate itself where there is none.
certificate_ptr make_certificate(
    EVP_PKEY* key, const char* common_name, X509* issuer, long life_seconds)
{
    certificate_ptr made(X509_new());
    static long serial = 0;
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), std::min(life_seconds, 0L) - hour);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), life_seconds);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()),
        "CN",
        MBSTRING_ASC,
        reinterpret_cast<const unsigned char*>(common_name),
        -1,
        -1,
        0);
    X509_set_issuer_name(
        made.get(), X509_get_subject_name(issuer != nullptr ? issuer : made.get()));
    return made;
}

}  // namespace

certificate_authority::certificate_authority()
    : key_(EVP_EC_gen("P-256")),
      root_(make_certificate(key_.get(), "Test authority", nullptr, 24 * hour))
{
    add_extension(root_.get(), root_.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(root_.get(), root_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    require(X509_sign(root_.get(), key_.get(), EVP_sha256()) > 0);
}

std::string certificate_authority::root_pem() const
{
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, root_.get()); });
}

tls_identity certificate_authority::issue(
    const std::string& alternative_names, long life_seconds) const
{
    const key_ptr key(EVP_EC_gen("P-256"));
    const certificate_ptr leaf =
        make_certificate(key.get(), "Test server", root_.get(), life_seconds);
    add_extension(leaf.get(), root_.get(), NID_subject_alt_name, alternative_names);
    require(X509_sign(leaf.get(), key_.get(), EVP_sha256()) > 0);

    tls_identity identity;
    identity.certificate_pem = pem([&](BIO* out) { return PEM_write_bio_X509(out, leaf.get()); });
    identity.key_pem = pem([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return identity;
}

}  // namespace support
