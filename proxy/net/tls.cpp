#include "proxy/net/tls.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/verify_mode.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace proxy {

namespace ssl = boost::asio::ssl;

std::shared_ptr<ssl::context> make_origin_tls_context(
    const std::vector<std::string>& extra_roots_pem)
{
    auto shared = std::make_shared<ssl::context>(ssl::context::tls_client);
    ssl::context& context = *shared;
    context.set_default_verify_paths();
    for (const std::string& root : extra_roots_pem) {
        context.add_certificate_authority(boost::asio::buffer(root));
    }
    context.set_verify_mode(ssl::verify_peer);

    SSL_CTX* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // idle connections hold no record buffers
    static constexpr unsigned char http_1_1[] = "\x08http/1.1";
    SSL_CTX_set_alpn_protos(native, http_1_1, sizeof http_1_1 - 1);
    return shared;
}

boost::system::error_code expect_server(SSL* connection, const std::string& host)
{
    const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string name = in_brackets ? host.substr(1, host.size() - 2) : host;
    boost::system::error_code no_address;
    boost::asio::ip::make_address(name, no_address);

    bool accepted = false;
    if (no_address) {
        SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        accepted = SSL_set1_host(connection, name.c_str()) == 1 &&
                   SSL_set_tlsext_host_name(connection, name.c_str()) == 1;
    } else {
        accepted = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), name.c_str()) == 1;
    }
    if (accepted) {
        return {};
    }
    return boost::system::error_code(
        static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
}

}  // namespace proxy
