#include "dht/core/join_schedule.hpp"

#include <algorithm>

namespace dht {
namespace {

// Up to a tenth later, so that nodes that failed together do not come back together.
duration with_jitter(duration span, random_source& random)
{
    constexpr std::size_t permille_of_tenth = 100;
    return span + span * static_cast<int>(random.below(permille_of_tenth)) / 1'000;
}

}  // namespace

join_schedule::join_schedule(const config& settings, random_source& random)
    : least_contacts_(settings.least_contacts),
      remembered_limit_(settings.remembered_contacts),
      retry_first_(settings.join_retry_first),
      retry_last_(settings.join_retry_last),
      join_again_(settings.join_again),
      random_(random),
      retry_(settings.join_retry_first)
{
}

void join_schedule::set_doors(
    const std::vector<endpoint>& seeds, const std::vector<endpoint>& remembered, time_point now)
{
    doors_.clear();
    const std::size_t kept = std::min(remembered.size(), remembered_limit_);
    std::vector<endpoint> all = seeds;
    all.insert(all.end(), remembered.begin(), remembered.begin() + static_cast<long>(kept));
    for (const endpoint& door : all) {
        doors_.push_back(contact_at(door));
    }
    due_ = now;
}

void join_schedule::answered(const endpoint& who)
{
    if (has_answer_ || due_) {
        return;  // of use to a join that is running
    }
    has_answer_ = std::any_of(
        doors_.begin(), doors_.end(), [&](const contact& door) { return door.at == who; });
}

void join_schedule::ended(std::size_t good_contacts, time_point now)
{
    const bool has_enough = good_contacts >= least_contacts_;
    if (has_enough && has_answer_) {
        retry_ = retry_first_;
        due_ = now + with_jitter(join_again_, random_);
        return;
    }
    const duration longest = has_enough ? join_again_ : retry_last_;
    retry_ = std::min(retry_, longest);
    due_ = now + with_jitter(retry_, random_);
    retry_ = std::min(2 * retry_, longest);
}

void join_schedule::contact_lost(std::size_t good_contacts, time_point now)
{
    if (due_ && good_contacts < least_contacts_) {
        due_ = std::min(*due_, now + with_jitter(std::min(retry_, retry_last_), random_));
    }
}

}  // namespace dht
