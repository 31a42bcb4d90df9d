#include "dht/core/mortality.hpp"

#include <chrono>
#include <cmath>

namespace dht {
namespace {

using seconds = std::chrono::duration<double>;

constexpr seconds half_weight{600};  // what is so old counts half

// As if this had been seen before anything was: a death in two hours, but with so little weight
// that the first that is seen counts.
constexpr seconds observed_before{600};
constexpr double deaths_before = observed_before / seconds{7'200};

constexpr double quarter = 0.25;

}  // namespace

void mortality::survived(duration gap, time_point now)
{
    fade(now);
    observed_ += seconds{gap}.count();
}

void mortality::died(duration gap, time_point now)
{
    fade(now);
    deaths_ += 1;
    observed_ += seconds{gap}.count() / 2;
}

duration mortality::quarter_life(time_point now) const
{
    const double weight = faded(now);
    const double deaths = deaths_before + deaths_ * weight;
    const double observed = observed_before.count() + observed_ * weight;
    return std::chrono::duration_cast<duration>(seconds{quarter * observed / deaths});
}

void mortality::fade(time_point now)
{
    const double weight = faded(now);
    deaths_ *= weight;
    observed_ *= weight;
    since_ = now;
}

double mortality::faded(time_point now) const
{
    return std::exp2(-(seconds{now - since_} / half_weight));
}

}  // namespace dht
