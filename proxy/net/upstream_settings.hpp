// What the upstream client of a worker works from.

#pragma once

#include "proxy/config.hpp"
#include "proxy/core/egress.hpp"

#include <boost/asio/ip/address.hpp>

#include <memory>
#include <string>
#include <vector>

namespace boost::asio::ssl {
class context;
}

namespace proxy {

struct upstream_settings
{
    limits limit;
    egress_rules egress;
    std::vector<boost::asio::ip::address> own_peer_addresses;  // decide which peers are dialled
    // From make_origin_tls_context, shared by all workers: reading the system's roots takes 30 ms.
    std::shared_ptr<boost::asio::ssl::context> tls;
    std::string name_servers;  // as dns_channel::options; empty: the system's
};

}  // namespace proxy
