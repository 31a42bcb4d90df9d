// TLS towards origins (RFC 8446, RFC 9110 section 4.3.4). Clients and peers have contexts of their
// own: a session or a root of one side must mean nothing to another.

#pragma once

#include <boost/system/error_code.hpp>

#include <memory>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}
struct ssl_st;  // OpenSSL's SSL

namespace proxy {

// Trusts the system's roots (or those in the file that SSL_CERT_FILE names, as every user of
// OpenSSL does) and extra_roots_pem. TLS 1.2 or later, HTTP/1.1 by ALPN, no resumption, no
// renegotiation. Any number of threads may open connections with it. Throws system_error, at
// start-up, if an extra root is no certificate.
std::shared_ptr<boost::asio::ssl::context> make_origin_tls_context(
    const std::vector<std::string>& extra_roots_pem = {});

// Before the handshake: the server must prove to be host, a name or an address literal (which may
// be in brackets). Names are sent as SNI, addresses must not be (RFC 6066, section 3).
boost::system::error_code expect_server(ssl_st* connection, const std::string& host);

}  // namespace proxy
