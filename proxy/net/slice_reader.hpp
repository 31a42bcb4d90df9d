// Reads a body that is stored in slices, for one answer: from the tiers, from slices that are on
// their way, and by fetching those that are missing.

#pragma once

#include "cache/policy/slices.hpp"
#include "cache/store/memory_tier.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/flight.hpp"
#include "proxy/net/slice_fetch.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace proxy {

struct services;
struct worker;

enum class slices_presence : std::uint8_t
{
    stored,
    on_the_way,  // some are being fetched, none is missing
    missing,     // some are
    unknown,     // too many to look at each
};

class slice_reader : public body_source
{
public:
    // `run` says where missing slices come from; its slice and end are not used.
    slice_reader(services& shared, worker& here, delivery& answers, slice_run run)
        : shared_{shared}, here_{here}, answers_{answers}, run_{std::move(run)}
    {
    }
    ~slice_reader() override;  // ends the runs it began

    awaitable<slices_presence> look_at(std::vector<cache::byte_range> parts);

    // Until the first slice of that part is here or its octets come. False if it can't be had.
    awaitable<bool> open(cache::byte_range part);

    awaitable<error_code> send(std::uint64_t first, std::uint64_t octets) override;

private:
    // Exactly one of the two is there, or neither.
    struct slice
    {
        std::shared_ptr<const cache::memory_object> object;
        std::unique_ptr<flight_reader> reader;  // whose flight has a head

        explicit operator bool() const { return object || reader; }
    };

    cache::cache_key key_of(std::uint64_t index) const;
    std::shared_ptr<const cache::memory_object> in_memory(std::uint64_t index) const;
    awaitable<std::shared_ptr<const cache::memory_object>> find(std::uint64_t index);
    bool is_on_the_way(std::uint64_t index) const;
    awaitable<slice> open_slice(std::uint64_t index, std::uint64_t end);
    awaitable<std::uint64_t> end_of_run(std::uint64_t index, std::uint64_t end);

    services& shared_;
    worker& here_;
    delivery& answers_;
    slice_run run_;
    std::uint64_t opened_index_ = 0;
    slice opened_;
};

}  // namespace proxy
