// A get that runs in the tables of both address families, as one.

#pragma once

#include "dht/core/node.hpp"

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace dht {

// Ends with the first table that knows something, or with the last; who wants all hears the last.
class pending_get
{
public:
    // On the node's thread, exactly once.
    using handler = std::function<void(get_result)>;

    // Which of the families, and its operation.
    using part = std::pair<std::size_t, operation_id>;

    pending_get(bool wants_all, handler done) : wants_all_(wants_all), done_(std::move(done)) {}

    void begun(const part& one) { parts_.push_back(one); }

    // What is still running, in the order of the families.
    const std::vector<part>& parts() const { return parts_; }

    // True: it is over.
    bool ended(const part& one, get_result result);

    // After that, or to end it early; the parts that are left are the caller's to cancel.
    void tell(bool timed_out = false);

private:
    bool wants_all_;
    handler done_;
    std::vector<part> parts_;
    get_result found_;
};

}  // namespace dht
