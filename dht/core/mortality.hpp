// How long nodes of this network live, judged by the contacts of this one.

#pragma once

#include "dht/core/time_point.hpp"

namespace dht {

// Of contacts one knows that they lived until they last answered, and that some did not answer
// again. Deaths divided by the time under observation is the rate of an exponential lifetime; what
// was seen long ago counts less and less.
class mortality
{
public:
    // A contact has answered that had last answered `gap` ago.
    void survived(duration gap, time_point now);

    // One that had last answered `gap` ago is taken for gone: it died somewhere in between.
    void died(duration gap, time_point now);

    // The time within which a quarter of the nodes that live now will be gone (to first order). As
    // long as little was seen, half an hour.
    duration quarter_life(time_point now) const;

private:
    void fade(time_point now);
    double faded(time_point now) const;

    double deaths_ = 0;
    double observed_ = 0;  // seconds
    time_point since_{};
};

}  // namespace dht
