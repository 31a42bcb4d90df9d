#include "tests/sim/models/rpc_actor.hpp"

#include "dht/core/endpoint.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sim {
namespace {

using namespace std::chrono_literals;

// A question is asked twice; the longest round trip of the simulated networks is below this.
constexpr std::chrono::milliseconds late_after{500};

constexpr char is_request = 'q';
constexpr char is_reply = 'r';

void append(std::string& out, std::uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += static_cast<char>(number >> shift & 0xff);
    }
}

void append(std::string& out, const std::vector<peer>& nodes)
{
    append(out, static_cast<std::uint32_t>(nodes.size()));
    for (const peer& one : nodes) {
        out += one.id.text();
        out += dht::to_compact(one.at);
    }
}

class reader
{
public:
    explicit reader(std::span<const std::byte> octets)
        : left_(reinterpret_cast<const char*>(octets.data()), octets.size())
    {
    }

    std::string_view take(std::size_t count)
    {
        const std::string_view part = left_.substr(0, count);
        left_.remove_prefix(part.size());
        return part;
    }

    std::uint32_t number()
    {
        std::uint32_t value = 0;
        for (const char octet : take(sizeof value)) {
            value = value << 8 | static_cast<std::uint8_t>(octet);
        }
        return value;
    }

    dht::node_id id()
    {
        return dht::node_id::from_octets(take(dht::node_id::octet_count)).value_or(dht::node_id{});
    }

    dht::endpoint endpoint() { return dht::from_compact(take(6)).value_or(dht::endpoint{}); }

    std::vector<peer> nodes()
    {
        std::vector<peer> out(std::min<std::size_t>(number(), left_.size()));
        for (peer& one : out) {
            one.id = id();
            one.at = endpoint();
        }
        return out;
    }

    std::vector<dht::endpoint> values()
    {
        std::vector<dht::endpoint> out(std::min<std::size_t>(number(), left_.size()));
        for (dht::endpoint& one : out) {
            one = endpoint();
        }
        return out;
    }

private:
    std::string_view left_;
};

}  // namespace

void rpc_actor::handle_datagram(
    const dht::endpoint& from, std::span<const std::byte> octets, dht::time_point now)
{
    now_ = now;
    reader in{octets};
    const std::string_view kind = in.take(1);
    const std::uint32_t transaction = in.number();
    const peer sender{in.id(), from};
    if (kind == std::string_view{&is_request, 1}) {
        request asked;
        asked.method = static_cast<std::uint8_t>(in.take(1).front());
        asked.about = in.id();
        asked.number = in.number();
        asked.nodes = in.nodes();
        watched_count_ += asked.about == watched_ ? 1 : 0;
        const reply out = answer(sender, asked);
        std::string text{is_reply};
        append(text, transaction);
        text += self_.id.text();
        text += out.is_final ? '1' : '0';
        append(text, out.nodes);
        append(text, static_cast<std::uint32_t>(out.values.size()));
        for (const dht::endpoint& value : out.values) {
            text += dht::to_compact(value);
        }
        outputs_.push_back({from, std::move(text)});
        heard(sender);
        return;
    }
    const auto found = pending_.find(transaction);
    if (found == pending_.end() || found->second.whom != sender) {
        return;
    }
    reply got;
    got.is_final = in.take(1) == "1";
    got.nodes = in.nodes();
    got.values = in.values();
    const reply_handler done = std::move(found->second.done);
    timers_.erase(found->second.timer);
    pending_.erase(found);
    heard(sender);
    done(&got);
}

void rpc_actor::ask(const peer& whom, const request& what, reply_handler done)
{
    const std::uint32_t transaction = ++last_transaction_;
    std::string text{is_request};
    append(text, transaction);
    text += self_.id.text();
    text += static_cast<char>(what.method);
    text += what.about.text();
    append(text, what.number);
    append(text, what.nodes);
    outputs_.push_back({whom.at, text});
    const auto timer =
        timers_.emplace(now_ + late_after, [this, transaction] { is_late(transaction); });
    pending_.emplace(transaction, pending{whom, std::move(text), std::move(done), timer});
}

void rpc_actor::is_late(std::uint32_t transaction)
{
    pending& late = pending_.at(transaction);
    if (!std::exchange(late.is_repeated, true)) {
        outputs_.push_back({late.whom.at, late.octets});
        late.timer =
            timers_.emplace(now_ + late_after, [this, transaction] { is_late(transaction); });
        return;
    }
    const pending ended = std::move(late);
    pending_.erase(transaction);
    fell_silent(ended.whom);
    ended.done(nullptr);
}

void rpc_actor::after(dht::duration span, std::function<void()> action)
{
    timers_.emplace(now_ + span, std::move(action));
}

void rpc_actor::handle_timeout(dht::time_point now)
{
    now_ = now;
    while (!timers_.empty() && timers_.begin()->first <= now) {
        const std::function<void()> action = std::move(timers_.begin()->second);
        timers_.erase(timers_.begin());
        action();
    }
}

std::optional<dht::time_point> rpc_actor::next_timeout() const
{
    return timers_.empty() ? std::nullopt : std::optional{timers_.begin()->first};
}

std::optional<dht::send_datagram> rpc_actor::poll_output()
{
    if (outputs_.empty()) {
        return std::nullopt;
    }
    dht::send_datagram next = std::move(outputs_.front());
    outputs_.pop_front();
    return next;
}

}  // namespace sim
