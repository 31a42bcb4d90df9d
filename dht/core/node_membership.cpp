// Membership of a node: finding the network, who becomes a contact and who stays one, its own
// place.

#include "dht/core/node.hpp"

#include "dht/core/encoder.hpp"

#include <algorithm>

namespace dht {
namespace {

// Contacts asked for life at once; the next ones follow at the next maintenance.
constexpr std::size_t checks_at_once = 4;

// Growth of the network that makes it worth looking which pointers should move: any while it is
// small, this factor later.
constexpr double small_network = 16;
constexpr double notable_growth = 1.5;

}  // namespace

// Somebody asks whom the table could use: whether it also answers decides a ping of ours.
void node::consider(const query& asked, const endpoint& from, time_point now)
{
    // As long as we do not know where we are, neither may others, and their IDs do not fit yet; but
    // their answers tell us our address.
    const bool fits = is_admissible(asked.sender, from) || !address_.current();
    if (asked.read_only || !fits || asked.sender == levels_.table().self()) {
        return;
    }
    heard(asked);
    if (is_wanted(asked, from) && probed_.size() < settings_.probes_in_flight &&
        !probed_.contains(from) && strangers_.admits(from, now)) {
        contact who;
        who.id = asked.sender;
        who.at = from;
        probe(who, now);
    }
}

void node::learn_own_address(const endpoint& reporter, const response& reply, time_point now)
{
    if (reply.reported && address_.report(reporter, *reply.reported)) {
        rehome(now);
    }
}

// The ID follows from the address: the same contacts in other places, and a join under the new ID.
void node::rehome(time_point now)
{
    levels_.move_to(id_of(*address_.current()));
    reach_.moved(now);
    announced_.level_has_changed(now);  // what is stored points to where we were
    start_join(now);
}

void node::check_reachability(time_point now)
{
    if (!address_.current() || !reach_.is_round_due(now)) {
        return;
    }
    reach_.begin_round(now);
    constexpr std::size_t asked = 2;
    for (const contact& who : some_contacts(asked, *address_.current())) {
        pending_query about;
        about.to = who;
        about.why = purpose::reach_wanted;
        ask(std::move(about), ping_query{reach_request{}}, now);
    }
}

// Good ones from anywhere in the table, but none at the address of `but`.
std::vector<contact> node::some_contacts(std::size_t count, const endpoint& but)
{
    node_id::array octets{};
    random_.fill(octets);
    std::vector<contact> some = levels_.table().closest(node_id{octets}, settings_.bucket_size);
    std::erase_if(some, [&](const contact& who) { return source_of(who.at) == source_of(but); });
    while (some.size() > count) {
        some.erase(some.begin() + static_cast<long>(random_.below(some.size())));
    }
    return some;
}

// Pings for others are few, so that nobody can use us against a third.
bool node::may_pass_on(time_point now)
{
    if (now < next_pass_on_) {
        return false;
    }
    next_pass_on_ = now + settings_.reach_pass_interval;
    return true;
}

// What a query says of our own reachability, and what it wants for another's. True if that was
// passed on.
bool node::serve_reach(const query& asked, const endpoint& from, time_point now)
{
    const auto* const ping = std::get_if<ping_query>(&asked.method);
    const bool has_request = ping != nullptr && ping->reach.has_value();
    const bool is_probe = has_request && ping->reach->what == reach_request::step::probe;
    // Who is on our side of a gateway reaches us whether or not others do.
    const auto& own = address_.current();
    const bool is_beyond = own && public_subnet_of(own->address).has_value() ==
                                      public_subnet_of(from.address).has_value();
    if (is_beyond) {
        reach_.asked_by(from, is_probe, now);
    }
    if (!has_request || is_probe || now < next_pass_on_) {
        return false;
    }
    pending_query about;
    ping_query wanted;
    if (ping->reach->what == reach_request::step::wanted) {
        const std::vector<contact> others = some_contacts(1, from);
        if (others.empty() || !may_pass_on(now)) {
            return false;
        }
        about.to = others.front();
        wanted.reach = reach_request{reach_request::step::pass_on, from};
        return ask(std::move(about), wanted, now);
    }
    // Its size is that of the question, and the gain of who forges a source none.
    const endpoint& whom = ping->reach->whom;
    const bool may_ask = is_admissible(asked.sender, from) && whom != address_.current() &&
                         whom.address.is_v4() == is_v4_;
    if (may_ask && may_pass_on(now)) {
        about.to = contact_at(whom);
        wanted.reach = reach_request{reach_request::step::probe};
        ask(std::move(about), wanted, now);
    }
    return false;
}

void node::handle_expiry(const rpc_table::expiry& expired, time_point now)
{
    const pending_query& asked = expired.query;
    if (expired.what == rpc_table::event::overdue) {
        if (pace_.admits(asked.to.at, now)) {
            ++counted_.queries_repeated;
            const std::string again = with_transaction(asked.datagram,
                expired.transaction,
                rpcs_.repeat(expired.transaction, random_, now));
            outputs_.push_back(
                send_datagram{asked.to.at, gate_.leave(direction::query, again, now)});
        }
        query_overdue(asked, now);
        return;
    }
    ++counted_.queries_failed;
    probed_.erase(asked.to.at);
    if (!expired.is_conclusive) {
        query_failed(asked, now);
        return;
    }
    query_unanswered(expired, now);
    query_failed(asked, now);
}

// It had its time and was silent.
void node::query_unanswered(const rpc_table::expiry& expired, time_point now)
{
    const contact& who = expired.query.to;
    // As long as nobody has answered since, it may be our own connection that is down.
    const bool others_answer = last_answer_ > expired.sent;
    const contact* const known = levels_.table().find(who.id);
    const bool turns_bad = known != nullptr && known->failures + 1 == settings_.bad_after_failures;
    if (turns_bad && others_answer) {
        contacts_live_.died(now - known->last_answer, now);
    }
    for (level_number level = 0; level < levels_.count(); ++level) {
        levels_.table(level).failed(who.id, others_answer);
    }
    if (known == nullptr && others_answer) {
        silent_.failed(who.at, now);
    }
    if (others_answer && (turns_bad || expired.query.why == purpose::holder_life)) {
        lose_holder(expired.query, now);
    }
    if (!turns_bad) {
        return;
    }
    const std::size_t good = levels_.table().good_count();
    joining_.contact_lost(good, now);
    is_cut_off_ = is_cut_off_ || good == 0;
}

void node::note_answer(const endpoint& from, time_point now)
{
    last_answer_ = now;
    joining_.answered(from);
    silent_.answered(from);
    if (is_cut_off_) {
        is_cut_off_ = false;
        for (level_number level = 0; level < levels_.count(); ++level) {
            levels_.table(level).forgive();
        }
    }
}

void node::start_join(time_point now)
{
    std::vector<contact> doors = usable(joining_.doors());
    if (doors.empty() || levels_.table().good_count() < settings_.least_contacts) {
        // Bad contacts too: after an outage they are as good as any. Who has good ones goes through
        // the doors alone, which would not be asked if contacts were closer.
        const std::vector<contact> known = levels_.table().all();
        doors.insert(doors.end(), known.begin(), known.end());
    }
    if (doors.empty()) {
        joining_.nobody_to_ask(now);
        has_joined_ = true;
        return;
    }
    joining_.started();
    ++running_finds_;
    lookup steps{levels_.table().self(), settings_, doors};
    advance(
        start(find_operation{std::move(steps), find_reason::join}, now + settings_.put_deadline),
        now);
}

// One at a time: it is never urgent.
void node::refresh(time_point now)
{
    for (level_number level = 0; refresh_wanted_ && running_finds_ == 0; ++level) {
        if (level == levels_.count()) {
            refresh_wanted_ = false;
            return;
        }
        routing_table& table = levels_.table(level);
        const std::optional<node_id> target =
            table.id_to_refresh(now - settings_.bucket_refresh, now, random_);
        if (!target) {
            continue;
        }
        ++running_finds_;
        lookup steps{*target, settings_, table.closest(*target, settings_.bucket_size)};
        find_operation find{std::move(steps), find_reason::refresh, levels_.scope(level)};
        advance(start(std::move(find), now + settings_.put_deadline), now);
        return;
    }
}

void node::maintain(time_point now)
{
    next_maintenance_ = now + settings_.maintenance;
    refresh_wanted_ = true;
    levels_.sweep(now);
    leases_.sweep(now);
    // Those who have kept a place in the table are not as those around a key: half of all nodes may
    // come and go while they stay.
    const duration life = contacts_live_.quarter_life(now);
    announced_.renew_within(std::min(life, holders_live_.quarter_life(now)), now);
    if (const auto silent = announced_.silent_holder(now - settings_.holder_check, now)) {
        ask_holder(silent->first, silent->second, now);
    }
    const time_point before =
        now - std::clamp<duration>(life, settings_.contact_check_least, settings_.contact_check);
    for (level_number level = 0; level < levels_.count(); ++level) {
        for (const contact& who : levels_.table(level).to_check(before, checks_at_once)) {
            probe(who, now);
        }
    }
    check_reachability(now);
    review_levels(now);
    adapt_to_growth(now);
}

void node::adapt_to_growth(time_point now)
{
    const double size = levels_.table().estimated_network_size();
    if (size > size_of_last_growth_ &&
        (size <= small_network || size >= notable_growth * size_of_last_growth_)) {
        announced_.network_has_grown(size, now);
        size_of_last_growth_ = size;
    } else {
        size_of_last_growth_ = std::min(size_of_last_growth_, size);
    }
}

void node::probe(const contact& who, time_point now)
{
    if (probed_.contains(who.at)) {
        return;
    }
    pending_query about;
    about.to = who;
    about.why = purpose::liveness;
    if (ask(std::move(about), ping_query{}, now)) {
        probed_.insert(who.at);
    }
}

std::vector<endpoint> node::contacts_to_remember() const
{
    std::vector<contact> known = levels_.table().all();
    std::stable_sort(known.begin(), known.end(), [](const contact& left, const contact& right) {
        return left.failures < right.failures;
    });
    known.resize(std::min(known.size(), settings_.remembered_contacts));
    std::vector<endpoint> out;
    out.reserve(known.size());
    for (const contact& who : known) {
        out.push_back(who.at);
    }
    return out;
}

}  // namespace dht
