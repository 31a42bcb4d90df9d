// The rules of sloppy storage (Coral, section 4), held against what nodes store.

#pragma once

#include "dht/core/message.hpp"
#include "tests/sim/world/world.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace sim {

// A node that is full takes a new pointer only when its leak lets one pass: in no minute more than
// beta of them. And nobody is asked to store one key more often than a limit, if one is set.
class sloppy_storage final : public witness
{
public:
    sloppy_storage(const world& reef, const dht::config& settings)
        : reef_(reef), settings_(settings)
    {
    }

    void limit_puts_per_minute(double most) { most_puts_ = most; }

    void arrives(std::size_t from, std::size_t to, std::span<const std::byte> octets) override;
    void has_handled(std::size_t from, std::size_t to, std::span<const std::byte> octets) override;

    std::uint64_t displaced() const { return displaced_; }
    std::size_t worst_puts_per_minute() const { return worst_puts_; }

private:
    using place = std::pair<std::size_t, dht::node_id>;  // node, key

    struct meter
    {
        std::int64_t minute = 0;
        std::size_t count = 0;
    };

    void count_put(const place& where);
    bool is_full(const std::vector<dht::pointer>& held, std::chrono::seconds life) const;
    bool holds(const std::vector<dht::pointer>& held, std::size_t putter) const;

    const world& reef_;
    dht::config settings_;
    std::optional<double> most_puts_;
    std::map<place, meter> puts_;
    std::map<place, std::deque<dht::time_point>> displacements_;
    std::optional<place> full_before_;  // where the datagram that is being handled wants to store
    std::uint64_t displaced_ = 0;
    std::size_t worst_puts_ = 0;
};

}  // namespace sim
