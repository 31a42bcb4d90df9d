// Where this node is, as others see it.

#pragma once

#include "dht/core/endpoint.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace dht {

// The advertised address, else the bound one. Bound to no particular address, a node learns it from
// what others report (`ip`, BEP 42): from two that agree, and until there are two from the only
// one.
class own_address
{
public:
    own_address(const endpoint& bound, const std::optional<endpoint>& advertised);

    // Nothing as long as nobody has reported.
    const std::optional<endpoint>& current() const { return current_; }

    // Whether this has changed current().
    bool report(const endpoint& reporter, const endpoint& seen);

    // Three or more see one address, and each another port: a gateway that maps anew for everyone
    // we speak to (symmetric NAT). What one sees is of no use to the next.
    bool is_symmetric_nat() const { return is_symmetric_nat_; }

private:
    bool sees_symmetric_nat() const;
    std::size_t witnesses(const endpoint& seen) const;

    bool is_fixed_;
    bool is_v4_;
    bool is_symmetric_nat_ = false;
    std::optional<endpoint> current_;
    std::deque<std::pair<endpoint, endpoint>> reports_;  // latest last, one per reporter
};

}  // namespace dht
