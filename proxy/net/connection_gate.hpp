// Who may connect, and how many at a time.

#pragma once

#include "proxy/core/egress.hpp"

#include <boost/asio/ip/address.hpp>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace proxy {

// Of one port of one worker; used on its thread. A lease keeps a place until it is destroyed and
// must not outlive the gate.
class connection_gate
{
public:
    struct rules
    {
        std::vector<address_block> allowed;  // besides loopback
        std::size_t most = 0;                // connections at a time
        std::size_t most_per_address = 0;
    };

    class lease
    {
    public:
        lease(connection_gate& gate, boost::asio::ip::address address);
        ~lease();
        lease(const lease&) = delete;
        lease& operator=(const lease&) = delete;

    private:
        connection_gate& gate_;
        boost::asio::ip::address address_;
    };

    explicit connection_gate(rules limits) : rules_{std::move(limits)} {}

    // Nothing if the address may not connect, or if there are enough connections of it or of all.
    std::unique_ptr<lease> admit(const boost::asio::ip::address& address);

    // Of those to come; who is connected stays.
    void allow(std::vector<address_block> allowed) { rules_.allowed = std::move(allowed); }

    // For any thread.
    std::size_t open() const { return open_count_.load(std::memory_order_relaxed); }

private:
    bool may_connect(const boost::asio::ip::address& address) const;

    rules rules_;
    std::map<boost::asio::ip::address, std::size_t> open_;
    std::atomic<std::size_t> open_count_ = 0;
};

}  // namespace proxy
