// When to look for other nodes, and through whom.

#pragma once

#include "dht/core/config.hpp"
#include "dht/core/contact.hpp"
#include "dht/core/random_source.hpp"
#include "dht/core/time_point.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace dht {

// A node with too few live contacts joins again and again, at growing intervals, through its seeds
// and the contacts of its last run. One that has enough does it now and then all the same: that is
// what brings the halves of a parted network together. So does a join in which neither a seed nor a
// remembered contact has answered: whoever has contacts only because others came to it may be in an
// island of such nodes.
class join_schedule
{
public:
    join_schedule(const config& settings, random_source& random);

    // Either may be empty; remembered ones beyond config::remembered_contacts are left out.
    void set_doors(const std::vector<endpoint>& seeds,
        const std::vector<endpoint>& remembered,
        time_point now);

    const std::vector<contact>& doors() const { return doors_; }

    // Nothing while a join is running.
    const std::optional<time_point>& due() const { return due_; }

    void started()
    {
        due_.reset();
        has_answer_ = doors_.empty();
    }

    // To any query.
    void answered(const endpoint& who);
    void ended(std::size_t good_contacts, time_point now);

    // There are neither doors nor contacts: others may come to us.
    void nobody_to_ask(time_point now) { due_ = now + join_again_; }

    // Only brings forward what is due: a running join is answer enough.
    void contact_lost(std::size_t good_contacts, time_point now);

private:
    std::size_t least_contacts_;
    std::size_t remembered_limit_;
    duration retry_first_;
    duration retry_last_;
    duration join_again_;
    random_source& random_;
    std::vector<contact> doors_;
    duration retry_;
    std::optional<time_point> due_;
    bool has_answer_ = true;  // of a door, since the join was started
};

}  // namespace dht
