#include "proxy/net/resolver.hpp"

#include "proxy/net/upstream_errc.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace proxy {

namespace asio = boost::asio;

namespace {

// RFC 1035, section 2.3.4: 255 octets on the wire are 253 in writing.
constexpr std::size_t longest_name_octets = 253;

std::optional<asio::ip::address> literal(std::string_view host)
{
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    boost::system::error_code ec;
    const asio::ip::address address = asio::ip::make_address(host, ec);
    return ec ? std::nullopt : std::optional(address);
}

bool is_localhost(std::string_view host)
{
    return host == "localhost" || host.ends_with(".localhost");
}

std::string normalised(std::string host)
{
    if (host.ends_with('.')) {
        host.pop_back();
    }
    for (char& c : host) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        }
    }
    return host;
}

// Keeps a waiter in the list of its question for as long as it waits, however it ends.
class enrolled
{
public:
    enrolled(std::vector<asio::steady_timer*>& waiters, asio::steady_timer& timer)
        : waiters_(waiters), timer_(&timer)
    {
        waiters_.push_back(timer_);
    }
    ~enrolled() { std::erase(waiters_, timer_); }
    enrolled(const enrolled&) = delete;
    enrolled& operator=(const enrolled&) = delete;

private:
    std::vector<asio::steady_timer*>& waiters_;
    asio::steady_timer* timer_;
};

}  // namespace

// One name that is being asked for: once for A, once for AAAA.
struct resolver::question
{
    question(const asio::any_io_executor& executor, std::string name)
        : host(std::move(name)), grace(executor)
    {
    }

    std::string host;
    unsigned open_families = 2;
    addresses found;
    std::chrono::seconds ttl = std::chrono::seconds::max();
    dns_status worst = dns_status::answered;
    std::optional<answer> settled;
    asio::steady_timer grace;
    std::vector<asio::steady_timer*> waiters;  // woken by cancel()
};

resolver::resolver(asio::any_io_executor executor, resolver_settings settings)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      hosts_(settings_.hosts),
      resolv_conf_("/etc/resolv.conf")
{
    open_channel_if_reconfigured();
}

resolver::~resolver() = default;

asio::awaitable<resolver::answer> resolver::resolve(std::string host)
{
    host = normalised(std::move(host));
    if (std::optional<answer> known = answer_at_once(host)) {
        co_return *std::move(known);
    }
    const auto already_asked = questions_.find(host);
    if (already_asked != questions_.end()) {
        co_return co_await wait_for(already_asked->second);
    }
    if (questions_.size() >= settings_.open_questions) {
        co_return upstream_errc::overloaded;
    }
    co_return co_await wait_for(question_about(host));
}

std::optional<resolver::answer> resolver::answer_at_once(const std::string& host)
{
    if (const auto address = literal(host)) {
        return addresses(1, *address);
    }
    if (is_localhost(host)) {
        return addresses({asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()});
    }
    if (host.empty() || host.size() > longest_name_octets) {
        return answer(upstream_errc::resolve_failed);
    }
    const auto now = std::chrono::steady_clock::now();
    if (addresses configured = hosts_.find(host, now); !configured.empty()) {
        return answer(std::move(configured));
    }
    const auto entry = remembered_.find(host);
    if (entry == remembered_.end() || entry->second->until <= now) {
        return std::nullopt;
    }
    ++statistics_.remembered;
    return entry->second->value;
}

std::shared_ptr<resolver::question> resolver::question_about(const std::string& host)
{
    open_channel_if_reconfigured();
    auto asked = std::make_shared<question>(executor_, host);
    questions_.emplace(host, asked);
    ++statistics_.questions;
    for (const address_family family : {address_family::v6, address_family::v4}) {
        channel_->ask(host, family, [this, asked](dns_answer received) {
            take_answer(asked, std::move(received));
        });
    }
    return asked;
}

// c-ares reads resolv.conf once, but a laptop changes its network.
void resolver::open_channel_if_reconfigured()
{
    if (!questions_.empty() || !resolv_conf_.changed(std::chrono::steady_clock::now())) {
        return;
    }
    dns_channel::options options;
    options.servers = settings_.name_servers;
    // Two servers that hang leave time for a third, and for a second round: 1/4, 1/4, 1/2.
    options.first_try = settings_.deadline / 4;
    channel_ = std::make_unique<dns_channel>(executor_, options);
}

void resolver::take_answer(const std::shared_ptr<question>& asked, dns_answer received)
{
    if (asked->settled) {
        return;  // the second family came after the grace
    }
    --asked->open_families;
    if (received.status == dns_status::answered) {
        asked->found.insert(
            asked->found.end(), received.addresses.begin(), received.addresses.end());
        asked->ttl = std::min(asked->ttl, received.ttl);
    }
    asked->worst = std::max(asked->worst, received.status);
    // RFC 2308, section 2.1: a name that does not exist has no record of the other type either.
    if (asked->open_families == 0 || received.status == dns_status::no_such_name) {
        settle(*asked);
        return;
    }
    if (asked->found.empty()) {
        return;
    }
    asked->grace.expires_after(settings_.other_family_grace);
    asked->grace.async_wait(
        [this, weak = std::weak_ptr(asked)](const boost::system::error_code& ec) {
            // Only an open question can reach us: settle() and our end give it an answer first.
            const auto waiting = weak.lock();
            if (!ec && waiting && !waiting->settled) {
                settle(*waiting);
            }
        });
}

void resolver::settle(question& asked)
{
    if (!asked.found.empty()) {
        asked.settled = answer(asked.found);
    } else if (asked.worst == dns_status::cancelled) {
        asked.settled = answer(upstream_errc::cancelled);
    } else if (asked.worst == dns_status::timed_out) {
        asked.settled = answer(upstream_errc::resolve_timeout);
        ++statistics_.timed_out;
    } else {
        asked.settled = answer(upstream_errc::resolve_failed);
        ++statistics_.failed;
    }
    remember(asked.host, *asked.settled, asked.ttl);
    asked.grace.cancel();
    for (asio::steady_timer* waiter : asked.waiters) {
        waiter->cancel();
    }
    questions_.erase(asked.host);
}

void resolver::remember(const std::string& host, const answer& value, std::chrono::seconds ttl)
{
    const auto former = remembered_.find(host);
    if (former != remembered_.end()) {
        memory_.erase(former->second);
        remembered_.erase(former);
    }
    if (remembered_.size() >= settings_.remembered_names) {
        remembered_.erase(memory_.front().host);
        memory_.pop_front();
    }
    const auto life = value ? std::clamp(ttl, settings_.shortest_memory, settings_.longest_memory)
                            : settings_.failure_memory;
    remembered_answer fresh = {host, value, std::chrono::steady_clock::now() + life};
    remembered_.emplace(host, memory_.insert(memory_.end(), std::move(fresh)));
}

asio::awaitable<resolver::answer> resolver::wait_for(std::shared_ptr<question> asked)
{
    constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
    if (!asked->settled) {
        asio::steady_timer timer(executor_);
        const enrolled waiter(asked->waiters, timer);
        timer.expires_after(settings_.deadline);
        const auto [ec] = co_await timer.async_wait(use_tuple);
        if (!asked->settled) {
            co_return ec ? upstream_errc::cancelled : upstream_errc::resolve_timeout;
        }
    }
    co_return *asked->settled;
}

}  // namespace proxy
