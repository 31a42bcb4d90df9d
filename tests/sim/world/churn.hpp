// Nodes that come and go.

#pragma once

#include "tests/sim/world/world.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace sim {

struct churn_plan
{
    double joins_per_minute = 0;
    double leaves_per_minute = 0;
    unsigned graceful_percent = 0;  // of those who leave; the others die without a word
    std::function<void()> join;
    std::function<void(bool is_graceful)> leave;
};

// Poisson processes of joins and leaves, until it is destroyed; the world must outlive it.
class churn
{
public:
    churn(world& reef, churn_plan plan);
    ~churn();

    churn(const churn&) = delete;
    churn& operator=(const churn&) = delete;

    std::size_t joined() const { return state_->joined; }
    std::size_t left() const { return state_->left; }

private:
    // The world's queue keeps what is to happen, so it outlives this object.
    struct state
    {
        world* reef;
        churn_plan plan;
        bool is_over = false;
        std::size_t joined = 0;
        std::size_t left = 0;
    };

    static void join_later(const std::shared_ptr<state>& of);
    static void leave_later(const std::shared_ptr<state>& of);

    std::shared_ptr<state> state_;
};

// A node that is up, from `first` on.
std::size_t random_up(world& reef, std::size_t first = 0);

// Real nodes, as many of a hundred in a minute; those below `first` stay. A newcomer knows three
// others.
churn_plan churn_of(world& reef, double percent_per_minute, std::size_t first);

}  // namespace sim
