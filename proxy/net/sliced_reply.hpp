// Answers a GET from a body that is stored in slices, fetching those that are missing: what a range
// of a body that is not stored whole comes to.

#pragma once

#include "cache/policy/slices.hpp"
#include "proxy/net/cached_request.hpp"
#include "proxy/net/delivery.hpp"
#include "proxy/net/slice_fetch.hpp"
#include "proxy/net/stored_copy.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace proxy {

struct services;
struct worker;

class sliced_reply
{
public:
    sliced_reply(services& shared, worker& here, delivery& answers, const cached_request& asked)
        : shared_{shared}, here_{here}, answers_{answers}, asked_{asked}
    {
    }

    // Nothing if slices are no way to answer the request: neither is anything stored in slices, nor
    // does the request name a range that the origin would serve so. Then nothing was sent.
    awaitable<std::optional<cached_outcome>> run();

private:
    // What the origin has sent in answer to a request for slices.
    enum class probed : std::uint8_t
    {
        slices,  // they are on their way
        whole,   // the whole, or something else than a success: answer_ is to be served
        failed,  // nothing: failure_ says why
        nothing,
    };

    awaitable<bool> find_map();
    bool adopt(const cache::memory_object& record);
    bool is_usable(cache::wall_time now) const;
    awaitable<probed> begin_slices();
    awaitable<probed> probe(cache::octet_span span);
    probed judge(cache::octet_span span);
    bool make_map(const cache::received_range& part);
    void begin_run(cache::octet_span span);
    awaitable<std::optional<cached_outcome>> serve_slices();
    awaitable<cached_outcome> serve_whole();
    std::vector<cache::byte_range> needed() const;
    slice_run run_from_origin() const;
    awaitable<void> forget();

    services& shared_;
    worker& here_;
    delivery& answers_;
    const cached_request& asked_;
    cache::slice_map map_;
    cache::stored_response response_;  // with the length of the whole
    cache::freshness fresh_;
    cache::forward_reason reason_ =
        cache::forward_reason::uri_miss;  // for which the origin was asked
    bool probed_ = false;
    std::shared_ptr<slice_window> window_;
    std::optional<part_answer> answer_;  // to the probe
    cache::wall_time request_time_{};
    fetch_failure failure_ = given_up;
};

}  // namespace proxy
