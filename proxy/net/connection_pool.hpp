// Connections that wait for their next exchange (RFC 9112, section 9.3).

#pragma once

#include "proxy/net/connection.hpp"
#include "proxy/net/upstream_target.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <vector>

namespace proxy {

// Of one worker. Held by shared_ptr: leases given out and waits of Asio may end after their
// upstream. A connection leaves when it is taken, was idle for too long, has to make room, or when
// its other side closes it or says anything: what arrives unasked is no answer to the next request
// (RFC 9112, section 6.3).
class connection_pool : public std::enable_shared_from_this<connection_pool>
{
public:
    struct bounds
    {
        std::size_t per_target = 16;
        std::size_t total = 512;
        std::chrono::milliseconds idle{30'000};
    };

    connection_pool(const boost::asio::any_io_executor& executor, const bounds& limits);

    // The connection most recently put: it is the most likely to be alive. Null if there is none.
    std::unique_ptr<connection> take(const upstream_target& target);

    // Takes a connection whose exchange is complete. Beyond a bound the longest idle one is closed.
    void put(const upstream_target& target, std::unique_ptr<connection> idle);

    // Closes everything; what is put from now on is closed too.
    void close();

    std::size_t size() const { return idle_.size(); }

private:
    struct entry
    {
        upstream_target target;
        std::unique_ptr<connection> idle;
        std::chrono::steady_clock::time_point since;
        std::size_t number;
    };
    using entries = std::list<entry>;  // longest idle first

    void watch(entry& watched);
    void close_number(const upstream_target& target, std::size_t number);
    void close_expired();
    void wait_for_expiry();
    std::unique_ptr<connection> remove(entries::iterator position);

    boost::asio::steady_timer expiry_;
    bounds limits_;
    entries idle_;
    std::map<upstream_target, std::vector<entries::iterator>> by_target_;  // longest idle first
    std::size_t next_number_ = 0;
    bool closed_ = false;
};

}  // namespace proxy
