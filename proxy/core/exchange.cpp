#include "proxy/core/exchange.hpp"

#include <algorithm>

namespace proxy {

std::string_view to_string(fetch_source source)
{
    switch (source) {
    case fetch_source::none: return "none";
    case fetch_source::memory: return "memory";
    case fetch_source::disk: return "disk";
    case fetch_source::peer: return "peer";
    case fetch_source::origin: return "origin";
    }
    return "none";
}

fetch_step exchange::start()
{
    return plan_.ask_index ? fetch_step::find_peers : next_source();
}

fetch_step exchange::peers_found(std::size_t candidates)
{
    candidates_ = std::min(candidates, plan_.peer_candidates);
    return next_source();
}

fetch_step exchange::others_found(std::size_t candidates, std::chrono::milliseconds spent)
{
    spent_ += spent;
    candidates_ += std::min(candidates, plan_.peer_candidates);
    return next_source();
}

fetch_step exchange::peer_gave_nothing(peer_answer answer, std::chrono::milliseconds spent)
{
    // A miss comes at once and costs nothing worth counting; silence does.
    if (answer == peer_answer::miss) {
        has_met_one_ = true;
    } else {
        spent_ += spent;
    }
    ++tried_;
    return next_source();
}

fetch_step exchange::origin_failed()
{
    return plan_.may_use_stale ? fetch_step::use_stale : fetch_step::fail;
}

std::chrono::milliseconds exchange::peer_budget_left() const
{
    return std::max(plan_.peer_budget - spent_, std::chrono::milliseconds{0});
}

fetch_step exchange::next_source()
{
    if (tried_ < candidates_ && peer_budget_left().count() > 0) {
        return fetch_step::ask_peer;
    }
    // Nobody was where the index said: it is stale there, or lies. Once, and within the same
    // budget.
    const bool is_misled = tried_ > 0 && !has_met_one_;
    if (is_misled && !asked_again_ && peer_budget_left().count() > 0) {
        asked_again_ = true;
        return fetch_step::find_others;
    }
    return plan_.only_if_cached ? fetch_step::fail : fetch_step::ask_origin;
}

std::chrono::milliseconds lookup_budget(std::chrono::milliseconds expected,
    std::chrono::milliseconds minimum,
    std::chrono::milliseconds maximum)
{
    return std::clamp(2 * expected, minimum, maximum);
}

}  // namespace proxy
