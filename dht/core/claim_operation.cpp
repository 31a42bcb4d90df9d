#include "dht/core/claim_operation.hpp"

#include <algorithm>
#include <utility>

namespace dht {
namespace {

std::optional<lease_answer> lease_of(const response& reply)
{
    return reply.sloppy ? reply.sloppy->lease : std::nullopt;
}

bool is_shareable(const pointer& value)
{
    return value.state != pointer_state::not_shareable;
}

pointer leader_of(const lease_answer& lease)
{
    pointer value;
    value.peer = *lease.holder;
    value.state = pointer_state::in_flight;
    value.life = lease.left;
    return value;
}

}  // namespace

claim_operation::claim_operation(const node_id& self,
    sloppy_walk walk,
    lease_number silent,
    time_point patient_until,
    const config& settings)
    : walk_(std::move(walk)),
      silent_(silent),
      patient_until_(patient_until),
      retry_after_(settings.claim_retry),
      most_places_(settings.closest_asked)
{
    places_.push_back({self, std::nullopt});
}

std::optional<claim_operation::action> claim_operation::next(random_source& random, time_point now)
{
    if (phase_ == phase::walking) {
        const bool is_patient = now < patient_until_;
        const std::optional<contact> step = is_patient ? walk_.next(random) : std::nullopt;
        if (step) {
            return ask{*step};
        }
        if (is_patient && !walk_.is_finished()) {
            return std::nullopt;
        }
        begin_claims();
    }
    if (phase_ == phase::waiting && now >= retry_at_) {
        phase_ = phase::claiming;
    }
    if (phase_ != phase::claiming || in_flight_) {
        return std::nullopt;
    }
    in_flight_ = true;
    const std::optional<holder>& where = places_.back().where;
    return where ? action{claim_at{*where}} : action{claim_here{}};
}

void claim_operation::begin_claims()
{
    phase_ = phase::claiming;
    std::sort(places_.begin(), places_.end(), [&](const place& left, const place& right) {
        return is_closer(key(), right.id, left.id);
    });
    if (places_.size() > most_places_) {
        places_.erase(places_.begin(), places_.end() - static_cast<std::ptrdiff_t>(most_places_));
    }
}

// The closest one is gone or has no room: all claimers see that and meet at the next one.
void claim_operation::next_place()
{
    places_.pop_back();
    if (places_.empty()) {
        phase_ = phase::over;
    }
}

void claim_operation::answered(const contact& who,
    const response& reply,
    std::vector<pointer> values,
    const std::vector<contact>& nodes)
{
    if (phase_ != phase::walking) {
        return;  // too late: the claim is on its way to another
    }
    walk_.answered(who, nodes);
    if (reply.token.empty() || !reply.sloppy) {
        return;  // a plain node knows no claims
    }
    place here{who.id, holder{who, reply.token}};
    if (judge(here, lease_of(reply), std::move(values))) {
        return;
    }
    const bool is_grantor = is_reported(lease_of(reply));
    places_.push_back(std::move(here));
    if (is_grantor) {
        phase_ = phase::claiming;  // this node, closest or not, has to judge the report
    }
}

void claim_operation::holds_here(
    const std::optional<lease_answer>& lease, std::vector<pointer> values)
{
    if (!judge(places_.back(), lease, std::move(values)) && is_reported(lease)) {
        phase_ = phase::claiming;
    }
}

void claim_operation::claim_answered(
    const holder& where, const response& reply, std::vector<pointer> values, time_point now)
{
    const std::string& token = reply.token.empty() ? where.token : reply.token;
    take_answer({where.who.id, holder{where.who, token}}, lease_of(reply), std::move(values), now);
}

void claim_operation::answered_here(
    const std::optional<lease_answer>& lease, std::vector<pointer> values, time_point now)
{
    take_answer({places_.back().id, std::nullopt}, lease, std::move(values), now);
}

void claim_operation::take_answer(place from,
    const std::optional<lease_answer>& lease,
    std::vector<pointer> values,
    time_point now)
{
    in_flight_ = false;
    if (judge(from, lease, std::move(values))) {
        return;
    }
    if (is_reported(lease)) {
        places_.back() = std::move(from);
        retry_at_ = now + retry_after_;
        phase_ = phase::waiting;
        return;
    }
    next_place();
}

void claim_operation::claim_failed()
{
    in_flight_ = false;
    next_place();
}

bool claim_operation::is_reported(const std::optional<lease_answer>& lease) const
{
    return lease && !lease->granted && silent_ != 0 && lease->number == silent_;
}

// Whether this ends the claim.
bool claim_operation::judge(
    const place& from, const std::optional<lease_answer>& lease, std::vector<pointer> values)
{
    if (lease && lease->granted) {
        grantor_ = from.where;
        result_.outcome = claim_outcome::leads;
        result_.number = lease->number;
        phase_ = phase::over;
        return true;
    }
    const bool reported = is_reported(lease);
    const auto is_leader = [&](const pointer& value) { return value.peer == lease->holder; };
    if (reported) {
        std::erase_if(values, is_leader);
    } else if (lease && lease->holder && std::none_of(values.begin(), values.end(), is_leader)) {
        values.push_back(leader_of(*lease));  // there was no room for his pointer
    }
    if (values.empty()) {
        return false;
    }
    const bool shared = std::any_of(values.begin(), values.end(), is_shareable);
    std::erase_if(values, [](const pointer& value) { return !is_shareable(value); });
    result_.outcome = shared ? claim_outcome::found : claim_outcome::do_not_coordinate;
    result_.number = lease && !reported ? lease->number : 0;
    result_.pointers = std::move(values);
    phase_ = phase::over;
    return true;
}

std::optional<time_point> claim_operation::wake_at() const
{
    if (phase_ == phase::walking) {
        return patient_until_;
    }
    return phase_ == phase::waiting ? std::optional{retry_at_} : std::nullopt;
}

claim_result claim_operation::result() const
{
    claim_result out = result_;
    out.hops = walk_.answers();
    out.queries = walk_.queries();
    return out;
}

}  // namespace dht
