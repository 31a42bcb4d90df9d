// Host names -> addresses, for one worker.

#pragma once

#include "proxy/net/dns_channel.hpp"
#include "proxy/net/hosts_file.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

struct resolver_settings
{
    std::chrono::milliseconds deadline{3'000};  // of one resolve(); limits::origin_resolve
    std::string name_servers;                   // as dns_channel::options; empty: /etc/resolv.conf
    std::filesystem::path hosts = "/etc/hosts";

    // Answers are kept as long as their records live, but long enough for the requests of one page
    // and short enough for a service that moves by DNS.
    std::chrono::seconds shortest_memory{1};
    std::chrono::seconds longest_memory{60};
    // That there is no answer is kept just long enough to answer a crowd (RFC 2308, section 5
    // would allow the SOA's minimum).
    std::chrono::seconds failure_memory{1};
    std::size_t remembered_names = 1'024;
    std::size_t open_questions = 256;  // names being asked for; a 257th is refused as overloaded

    // How long the answer of one address family waits for the other's (RFC 8305, section 3).
    std::chrono::milliseconds other_family_grace{50};
};

struct resolver_statistics
{
    std::uint64_t questions = 0;  // names for which name servers were asked
    std::uint64_t remembered = 0;
    std::uint64_t failed = 0;
    std::uint64_t timed_out = 0;
};

// Belongs to one worker. Name servers that hang delay only those who ask for names of theirs, and
// these no longer than the deadline.
class resolver
{
public:
    using addresses = std::vector<boost::asio::ip::address>;
    using answer = boost::system::result<addresses>;

    resolver(boost::asio::any_io_executor executor, resolver_settings settings);

    // Those who still wait get upstream_errc::cancelled; they must not call resolve again.
    ~resolver();

    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    // At least one address, or upstream_errc::resolve_failed, resolve_timeout, overloaded or
    // cancelled. An address literal is its own answer (an IPv6 literal may be in brackets),
    // localhost and what is below it is this machine (RFC 6761, section 6.3), /etc/hosts goes
    // before the name servers. Concurrent calls for one name share one question.
    boost::asio::awaitable<answer> resolve(std::string host);

    const resolver_statistics& statistics() const { return statistics_; }

private:
    struct question;
    struct remembered_answer
    {
        std::string host;
        answer value;
        std::chrono::steady_clock::time_point until;
    };
    using memory = std::list<remembered_answer>;  // oldest first

    std::optional<answer> answer_at_once(const std::string& host);
    std::shared_ptr<question> question_about(const std::string& host);
    void open_channel_if_reconfigured();
    void take_answer(const std::shared_ptr<question>& asked, dns_answer received);
    void settle(question& asked);
    void remember(const std::string& host, const answer& value, std::chrono::seconds ttl);
    boost::asio::awaitable<answer> wait_for(std::shared_ptr<question> asked);

    boost::asio::any_io_executor executor_;
    resolver_settings settings_;
    resolver_statistics statistics_;
    hosts_file hosts_;
    watched_file resolv_conf_;
    memory memory_;
    std::map<std::string, memory::iterator, std::less<>> remembered_;
    std::map<std::string, std::shared_ptr<question>, std::less<>> questions_;
    std::unique_ptr<dns_channel> channel_;  // last: its end answers the questions above
};

}  // namespace proxy
