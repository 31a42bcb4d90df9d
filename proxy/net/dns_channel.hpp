// c-ares on the io_context of one worker: asks the configured name servers, remembers nothing.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace proxy {

enum class address_family
{
    v4,  // A
    v6,  // AAAA
};

enum class dns_status
{
    answered,
    no_such_name,  // for every type (RFC 2308, section 2.1)
    no_such_type,  // the name exists, or the servers refuse to say
    timed_out,
    cancelled,  // the channel is being destroyed
};

struct dns_answer
{
    dns_status status = dns_status::cancelled;
    std::vector<boost::asio::ip::address> addresses;
    std::chrono::seconds ttl{0};  // the smallest of the records
};

class dns_channel
{
public:
    struct options
    {
        std::string servers;  // "192.0.2.1:53,[2001:db8::1]:53"; empty: /etc/resolv.conf
        // Doubled with each round over the servers; a server that hangs costs this much.
        std::chrono::milliseconds first_try{750};
        int tries = 3;
    };
    using answer_handler = std::function<void(dns_answer)>;

    // On failure (no memory, no usable configuration) every question is answered as
    // dns_status::no_such_type.
    dns_channel(boost::asio::any_io_executor executor, const options& settings);

    // Calls the handlers of all open questions with dns_status::cancelled.
    ~dns_channel();

    dns_channel(const dns_channel&) = delete;
    dns_channel& operator=(const dns_channel&) = delete;

    // The name is absolute: search domains would make one URL mean different servers on different
    // peers. The handler is called exactly once, perhaps before ask returns; it must not throw and
    // must not call the channel.
    void ask(const std::string& host, address_family family, answer_handler handler);

private:
    class state;
    std::shared_ptr<state> state_;  // shared with waits of Asio, which may complete after us
};

}  // namespace proxy
