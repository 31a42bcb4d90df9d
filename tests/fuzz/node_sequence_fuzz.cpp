// A node among nodes that say what the input wants: sequences of questions, answers true and
// forged, floods, silences, and operations of its own. The input is a script, octet by octet.

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"
#include "dht/core/node.hpp"
#include "tests/fuzz/counting_random.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr std::size_t padded = 260;
constexpr std::size_t most_commands = 400;

// Few of everything, so that all limits are met.
dht::config small_limits(bool plain)
{
    dht::config settings;
    settings.plain_krpc = plain;
    settings.values_total = 24;
    settings.values_per_source = 12;
    settings.operations = 12;
    settings.leases_total = 6;
    settings.leases_per_source = 3;
    settings.leases_held = 3;
    settings.queries_in_flight = 24;
    settings.announcements = 8;
    settings.probes_in_flight = 4;
    return settings;
}

class script
{
public:
    explicit script(std::span<const std::uint8_t> input) : rest_(input) {}

    bool is_over() const { return rest_.empty(); }
    std::uint8_t octet()
    {
        if (rest_.empty()) {
            return 0;
        }
        const std::uint8_t first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    std::size_t below(std::size_t bound) { return octet() % bound; }
    bool flag() { return (octet() & 1) != 0; }
    std::string text(std::size_t most)
    {
        const std::size_t count = std::min(below(most + 1), rest_.size());
        std::string out{reinterpret_cast<const char*>(rest_.data()), count};
        rest_ = rest_.subspan(count);
        return out;
    }

private:
    std::span<const std::uint8_t> rest_;
};

dht::endpoint peer(std::size_t number)
{
    const auto address = 0x0a000000U + static_cast<std::uint32_t>(number / 4 + 1);
    return {boost::asio::ip::address_v4{address}, static_cast<std::uint16_t>(4'128 + number % 4)};
}

dht::node_id key(std::size_t number)
{
    return dht::sha1("key " + std::to_string(number));
}

// Drives the node and plays everybody else.
class play
{
public:
    explicit play(std::span<const std::uint8_t> input)
        : script_(input), node_(peer(0), std::nullopt, small_limits(script_.flag()), random_, now_)
    {
        node_.join({peer(1), peer(2)}, {}, now_);
    }

    void run()
    {
        for (std::size_t i = 0; i < most_commands && !script_.is_over(); ++i) {
            command();
            listen();
            check();
        }
        // Nobody answers any more: what was begun has to end by itself.
        const dht::time_point end = now_ + 60s;
        while (now_ < end) {
            pass(end - now_);
            listen();
        }
        check();
        BOOST_ASSERT(running_.empty());
        BOOST_ASSERT(node_.snapshot().operations <= 2);  // searches of its own
    }

private:
    void command()
    {
        switch (script_.below(8)) {
        case 0: pass(1ms * (1 << script_.below(16))); break;
        case 1: ask(); break;
        case 2:
        case 3: answer(); break;
        case 4: refuse(); break;
        case 5: operate(); break;
        case 6: deliver(peer(script_.below(20)), script_.text(255)); break;
        case 7: echo(); break;
        }
    }

    void deliver(const dht::endpoint& from, const std::string& octets)
    {
        node_.handle_datagram(from, std::as_bytes(std::span{octets}), now_);
    }

    void deliver(const dht::endpoint& from, const dht::message& what)
    {
        deliver(from, dht::encode(what, script_.flag() ? padded : 0));
    }

    // To no later than `span` from now, with every timer on the way.
    void pass(dht::duration span)
    {
        const dht::time_point end = now_ + span;
        for (std::size_t timers = 0; now_ < end; ++timers) {
            const auto due = node_.next_timeout();
            if (!due || *due > end) {
                now_ = end;
                return;
            }
            BOOST_ASSERT(timers < 100'000);  // it sleeps between them
            now_ = std::max(now_, *due);
            node_.handle_timeout(now_);
            listen();
        }
    }

    void listen()
    {
        while (auto output = node_.poll_output()) {
            if (auto* const sent = std::get_if<dht::send_datagram>(&*output)) {
                hear(*sent);
            } else if (const auto* const got = std::get_if<dht::get_done>(&*output)) {
                ended(got->operation);
            } else if (const auto* const put = std::get_if<dht::put_done>(&*output)) {
                ended(put->operation);
            } else if (const auto* const claimed = std::get_if<dht::claim_done>(&*output)) {
                ended(claimed->operation);
                if (claimed->result.outcome == dht::claim_outcome::leads) {
                    last_lease_ = claimed->result.number;
                }
            }
        }
    }

    void ended(dht::operation_id operation)
    {
        const bool was_running = running_.erase(operation) == 1;
        BOOST_ASSERT(was_running);  // each ends once
    }

    void hear(const dht::send_datagram& sent)
    {
        const auto said = dht::decode(std::as_bytes(std::span{sent.octets}));
        BOOST_ASSERT(said.has_value());
        if (std::holds_alternative<dht::query>(said->body)) {
            asked_.emplace_back(sent.to, *said);
            if (asked_.size() > 32) {
                asked_.pop_front();
            }
        } else if (const auto* const reply = std::get_if<dht::response>(&said->body)) {
            if (!reply->token.empty()) {
                tokens_[sent.to] = reply->token;
            }
        }
        last_sent_ = sent.octets;
    }

    std::string token_for(const dht::endpoint& who)
    {
        switch (script_.below(4)) {
        case 0: return script_.text(12);
        case 1: return tokens_.empty() ? "" : tokens_.begin()->second;
        default: return tokens_[who];
        }
    }

    dht::query_scope scope()
    {
        const auto level = static_cast<dht::level_number>(script_.below(4));
        const bool is_ours = level < node_.level_count() && script_.flag();
        return is_ours ? node_.scope(level) : dht::query_scope{level, {}};
    }

    std::vector<dht::cluster_summary> clusters()
    {
        std::vector<dht::cluster_summary> out(script_.below(3));
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto level = static_cast<dht::level_number>(i + 1);
            if (level < node_.level_count() && script_.flag()) {
                out[i].id = node_.scope(level).cluster;
            } else {
                out[i].id.fill(script_.octet());
            }
            out[i].size = script_.octet();
            out[i].age = std::chrono::seconds{script_.octet() * 60};
        }
        return out;
    }

    dht::pointer_state state() { return static_cast<dht::pointer_state>(1 + script_.below(3)); }

    dht::put_terms terms()
    {
        dht::put_terms out;
        out.state = script_.flag() ? std::optional{state()} : std::nullopt;
        out.life = std::chrono::seconds{script_.octet() * 60};
        out.load = script_.octet();
        out.version_tag = script_.octet();
        out.lease = script_.flag() ? last_lease_ + script_.below(3) : 0;
        out.received_octets = script_.octet();
        return out;
    }

    void ask()
    {
        const dht::endpoint from = peer(script_.below(20));
        dht::message what;
        what.transaction = script_.text(4);
        auto& asked = what.body.emplace<dht::query>();
        asked.sender = script_.flag() ? dht::id_of(from) : key(script_.below(4));
        if (script_.below(8) != 0) {
            asked.network = dht::tag_of("atoll");
        }
        asked.scope = scope();
        asked.clusters = clusters();
        asked.read_only = script_.below(4) == 0;
        switch (script_.below(5)) {
        case 0: asked.method = dht::ping_query{reach()}; break;
        case 1: asked.method = dht::find_node_query{key(script_.below(4))}; break;
        case 2: {
            dht::get_peers_query get{key(script_.below(4)), std::nullopt};
            if (script_.flag()) {
                get.claim = dht::claim_terms{10s, token_for(from), last_lease_ * script_.below(2)};
            }
            asked.method = get;
            break;
        }
        case 3: asked.method = dht::get_peers_query{key(script_.below(4)), 600s}; break;
        default: {
            dht::announce_query put{key(script_.below(4)), token_for(from), 0, terms()};
            asked.method = put;
        }
        }
        deliver(from, what);
    }

    std::optional<dht::reach_request> reach()
    {
        using step = dht::reach_request::step;
        switch (script_.below(4)) {
        case 0: return dht::reach_request{step::wanted};
        case 1: return dht::reach_request{step::pass_on, peer(script_.below(20))};
        case 2: return dht::reach_request{step::probe};
        default: return std::nullopt;
        }
    }

    // To one of the questions of ours, from whom it went to or from somebody else.
    void answer()
    {
        if (asked_.empty()) {
            return;
        }
        const std::size_t which = script_.below(asked_.size());
        const auto [to, question] = asked_[which];
        asked_.erase(asked_.begin() + static_cast<long>(which));
        dht::message what;
        what.transaction = question.transaction;
        auto& reply = what.body.emplace<dht::response>();
        reply.sender = script_.below(8) == 0 ? key(0) : dht::id_of(to);
        if (script_.flag()) {
            reply.reported = script_.below(4) == 0 ? peer(script_.below(20)) : peer(0);
        }
        reply.token = script_.flag() ? "8octets!" : script_.text(12);
        const std::size_t nodes = script_.below(9);
        for (std::size_t i = 0; i < nodes; ++i) {
            dht::contact who = dht::contact_at(peer(script_.below(60)));
            who.id = script_.below(8) == 0 ? key(script_.below(4)) : who.id;
            reply.nodes.push_back(who);
        }
        const std::size_t values = script_.below(5);
        for (std::size_t i = 0; i < values; ++i) {
            dht::pointer held;
            held.peer = peer(script_.below(20));
            held.state = state();
            held.life = std::chrono::seconds{script_.octet() * 20};
            reply.values.push_back(held);
        }
        if (script_.below(8) != 0) {
            reply.sloppy = extension();
        }
        deliver(script_.below(8) == 0 ? peer(script_.below(20)) : to, what);
    }

    dht::sloppy_reply extension()
    {
        dht::sloppy_reply out;
        if (script_.flag()) {
            out.network = dht::tag_of(script_.below(8) == 0 ? "other" : "atoll");
        }
        out.full = script_.flag();
        out.loaded = script_.flag();
        if (script_.flag()) {
            out.status = static_cast<dht::store_status>(script_.below(4));
            out.granted = std::chrono::seconds{script_.octet() * 20};
        }
        if (script_.flag()) {
            dht::lease_answer lease;
            lease.granted = script_.flag();
            lease.number = 1 + script_.below(4);
            lease.left = std::chrono::seconds{script_.below(12)};
            if (!lease.granted) {
                lease.holder = peer(script_.below(20));
            }
            out.lease = lease;
        }
        out.clusters = clusters();
        if (script_.below(4) == 0) {
            out.level = static_cast<dht::level_number>(script_.below(4));
        }
        out.passed_on = script_.flag();
        out.read_only = script_.below(8) == 0;
        return out;
    }

    void refuse()
    {
        if (!asked_.empty()) {
            const auto [to, question] = asked_.front();
            asked_.pop_front();
            deliver(
                to, dht::message{question.transaction, dht::error_reply{200 + script_.octet()}});
        }
    }

    // What it has sent, or a part that was changed on the way, comes back.
    void echo()
    {
        std::string octets = last_sent_;
        if (!octets.empty() && script_.flag()) {
            octets[script_.octet() * octets.size() / 256] = static_cast<char>(script_.octet());
        }
        deliver(peer(script_.below(20)), octets);
    }

    void operate()
    {
        const dht::node_id what = key(script_.below(4));
        const std::chrono::milliseconds budget{1 + script_.octet() * 20};
        switch (script_.below(12)) {
        case 0: running_.insert(node_.get(what, budget, now_)); break;
        case 1: running_.insert(node_.trace(what, budget, now_)); break;
        case 2: running_.insert(node_.get_again(what, {peer(3)}, budget, now_)); break;
        case 3: {
            dht::pointer value;
            value.life = 600s;
            running_.insert(node_.put(what, value, now_));
            break;
        }
        case 4: running_.insert(node_.claim(what, budget, now_)); break;
        case 5: running_.insert(node_.claim_lost(what, last_lease_, budget, now_)); break;
        case 6: node_.announce(what, {}, std::chrono::seconds{script_.octet()}, now_); break;
        case 7: node_.withdraw(what, now_); break;
        case 8: node_.renew(what, last_lease_, {script_.octet(), 1, 2}); break;
        case 9: node_.complete(what, last_lease_, {}, 60s, now_); break;
        case 10:
            node_.release(what,
                last_lease_,
                script_.flag() ? dht::release_reason::withdrawn
                               : dht::release_reason::not_shareable,
                now_);
            break;
        default:
            if (!running_.empty()) {
                node_.cancel(*running_.begin());
                running_.erase(running_.begin());
            }
        }
    }

    void check()
    {
        node_.check_invariant();
        const dht::config limits = small_limits(false);
        const dht::statistics now = node_.snapshot();
        BOOST_ASSERT(now.values_stored <= limits.values_total * node_.level_count());
        BOOST_ASSERT(now.leases_granted <= limits.leases_total);
        BOOST_ASSERT(now.leases_held <= limits.leases_held);
        BOOST_ASSERT(now.announcements <= limits.announcements + limits.leases_held + 1);
    }

    script script_;
    counting_random random_;
    dht::time_point now_{1h};
    dht::node node_;
    std::set<dht::operation_id> running_;
    std::deque<std::pair<dht::endpoint, dht::message>> asked_;
    std::map<dht::endpoint, std::string> tokens_;
    std::string last_sent_;
    dht::lease_number last_lease_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    play{{data, size}}.run();
    return 0;
}
