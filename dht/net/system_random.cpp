#include "dht/net/system_random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace dht {

void system_random::fill(std::span<std::uint8_t> octets)
{
    for (std::uint8_t& octet : octets) {
        if (left_ == 0) {
            if (RAND_bytes(stock_.data(), static_cast<int>(stock_.size())) != 1) {
                // Nothing that needs a secret can go on without one.
                throw std::runtime_error("the system gives no random numbers");
            }
            left_ = stock_.size();
        }
        octet = stock_[--left_];
        stock_[left_] = 0;  // given out once
    }
}

}  // namespace dht
