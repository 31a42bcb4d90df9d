#include "tests/sim/world/churn.hpp"

#include <cmath>
#include <utility>

namespace sim {
namespace {

// Between two events of a Poisson process.
dht::duration exponential_gap(seeded_random& random, double per_minute)
{
    const double uniform = (static_cast<double>(random.next() >> 11) + 1) * 0x1p-53;
    const std::chrono::duration<double, std::ratio<60>> gap{-std::log(uniform) / per_minute};
    return std::chrono::duration_cast<dht::duration>(gap);
}

}  // namespace

churn::churn(world& reef, churn_plan plan)
    : state_(std::make_shared<state>(state{&reef, std::move(plan)}))
{
    join_later(state_);
    leave_later(state_);
}

churn::~churn()
{
    state_->is_over = true;
}

void churn::join_later(const std::shared_ptr<state>& of)
{
    world& reef = *of->reef;
    if (of->is_over || of->plan.joins_per_minute <= 0) {
        return;
    }
    reef.at(reef.now() + exponential_gap(reef.random(), of->plan.joins_per_minute), [of] {
        if (!of->is_over) {
            ++of->joined;
            of->plan.join();
            join_later(of);
        }
    });
}

void churn::leave_later(const std::shared_ptr<state>& of)
{
    world& reef = *of->reef;
    if (of->is_over || of->plan.leaves_per_minute <= 0) {
        return;
    }
    reef.at(reef.now() + exponential_gap(reef.random(), of->plan.leaves_per_minute), [of] {
        if (!of->is_over) {
            ++of->left;
            of->plan.leave(of->reef->random().below(100) < of->plan.graceful_percent);
            leave_later(of);
        }
    });
}

std::size_t random_up(world& reef, std::size_t first)
{
    std::size_t index = 0;
    do {
        index = first + reef.random().below(reef.size() - first);
    } while (!reef.is_up(index));
    return index;
}

churn_plan churn_of(world& reef, double percent_per_minute, std::size_t first)
{
    churn_plan plan;
    plan.joins_per_minute = percent_per_minute / 100 * static_cast<double>(reef.size());
    plan.leaves_per_minute = plan.joins_per_minute;
    plan.join = [&reef] { reef.add_node({random_up(reef), random_up(reef), random_up(reef)}); };
    plan.leave = [&reef, first](bool is_graceful) {
        const std::size_t gone = random_up(reef, first);
        if (is_graceful) {
            reef.leave(gone);
        } else {
            reef.kill(gone);
        }
    };
    return plan;
}

}  // namespace sim
