#include "dht/core/put_operation.hpp"

#include <algorithm>
#include <utility>

namespace dht {

put_operation::put_operation(const node_id& self,
    sloppy_walk walk,
    value_store::condition here,
    std::vector<holder> before,
    const config& settings)
    : walk_(std::move(walk)), before_(std::move(before)), wanted_(settings.stored_copies)
{
    // Full AND loaded: stopping at either alone would starve the nodes near the key (Coral,
    // section 4.2).
    if (here.full && here.loaded) {
        walk_.stop();
        return;
    }
    stack_.push_back({self, std::nullopt});
}

bool put_operation::was_holder(const endpoint& who) const
{
    return std::any_of(
        before_.begin(), before_.end(), [&](const holder& one) { return one.who.at == who; });
}

void put_operation::answered(
    const contact& who, const response& reply, const std::vector<contact>& nodes)
{
    if (reversing_) {
        return;  // too late: a saturated node has ended the forward phase
    }
    walk_.answered(who, nodes);
    const bool saturated = reply.sloppy && reply.sloppy->full && reply.sloppy->loaded;
    if (saturated && !walk_.is_suspiciously_close(who.id)) {
        walk_.stop();
    }
    if (!reply.token.empty() && (!saturated || was_holder(who.at))) {
        stack_.push_back({who.id, holder{who, reply.token}});
    }
}

std::optional<put_operation::action> put_operation::next(random_source& random)
{
    if (!reversing_) {
        const std::optional<contact> step = walk_.next(random);
        if (step) {
            return ask{*step};
        }
        if (!walk_.is_finished()) {
            return std::nullopt;
        }
        begin_reverse_phase();
    }
    return next_store();
}

void put_operation::begin_reverse_phase()
{
    reversing_ = true;
    wanted_ = walk_.is_stopped() ? 1 : wanted_ + walk_.more_at_end();
    // Answers of the last, parallel step come in any order: the top of the stack is the closest.
    std::sort(stack_.begin(), stack_.end(), [&](const place& left, const place& right) {
        return is_closer(key(), right.id, left.id);
    });
}

std::optional<put_operation::action> put_operation::next_store()
{
    if (stack_.empty() || copies() + stores_in_flight_ >= wanted_) {
        return std::nullopt;
    }
    place top = std::move(stack_.back());
    stack_.pop_back();
    ++stores_in_flight_;
    if (!top.where) {
        return store_here{};
    }
    return store_at{std::move(*top.where)};
}

void put_operation::stored_here(store_status status)
{
    --stores_in_flight_;
    held_here_ = status == store_status::stored;
}

void put_operation::store_answered(const holder& where, store_status status)
{
    --stores_in_flight_;
    if (status == store_status::stored) {
        holders_.push_back(where);
    }
}

bool put_operation::is_finished() const
{
    return reversing_ && stores_in_flight_ == 0 && (stack_.empty() || copies() >= wanted_);
}

}  // namespace dht
