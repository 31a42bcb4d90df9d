#include "proxy/net/connection_gate.hpp"

#include <algorithm>

namespace proxy {

connection_gate::lease::lease(connection_gate& gate, boost::asio::ip::address address)
    : gate_{gate}, address_{std::move(address)}
{
    ++gate_.open_[address_];
    ++gate_.open_count_;
}

connection_gate::lease::~lease()
{
    const auto place = gate_.open_.find(address_);
    if (--place->second == 0) {
        gate_.open_.erase(place);
    }
    --gate_.open_count_;
}

std::unique_ptr<connection_gate::lease> connection_gate::admit(
    const boost::asio::ip::address& address)
{
    const auto place = open_.find(address);
    const std::size_t of_address = place == open_.end() ? 0 : place->second;
    if (!may_connect(address) || open_count_ >= rules_.most ||
        of_address >= rules_.most_per_address) {
        return nullptr;
    }
    return std::make_unique<lease>(*this, address);
}

bool connection_gate::may_connect(const boost::asio::ip::address& address) const
{
    return address.is_loopback() ||
           std::any_of(rules_.allowed.begin(),
               rules_.allowed.end(),
               [&](const address_block& block) { return block.contains(address); });
}

}  // namespace proxy
