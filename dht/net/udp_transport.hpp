// The DHT on UDP, with a thread of its own: load on the proxy cannot delay datagrams. One node with
// a table of its own for each address family; together they are asked and announced to as one.

#pragma once

#include "dht/core/contact.hpp"
#include "dht/core/endpoint.hpp"
#include "dht/core/lease.hpp"
#include "dht/core/node.hpp"
#include "dht/core/node_id.hpp"
#include "dht/core/pointer.hpp"
#include "dht/core/statistics.hpp"
#include "dht/core/swarm_key.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dht {

// All functions may be called from any thread.
class udp_transport
{
public:
    struct settings
    {
        std::vector<endpoint> bind;       // one or two, of different families; port 0: any free one
        std::vector<endpoint> advertise;  // for some of these; port 0: the bound one
        std::string network = "atoll";
        std::vector<endpoint> seeds;
        // Of the levels above 0; see config::level_bounds.
        std::vector<std::chrono::milliseconds> level_bounds{
            std::chrono::milliseconds{60}, std::chrono::milliseconds{20}};
        bool plain_krpc = false;
        swarm_ring swarm = {};                // empty: an open network
        std::filesystem::path contacts_file;  // empty: none
        // On the transport's thread: a lease of ours ended before we ended it. May be empty.
        std::function<void(const node_id&, lease_number)> lease_lost = {};
    };

    // On the transport's thread, exactly once; not allowed to throw or to block.
    using get_handler = std::function<void(get_result)>;
    using claim_handler = std::function<void(claim_result)>;

    // Binds. Throws boost::system::system_error, if the port is taken for example.
    explicit udp_transport(const settings& wanted);
    ~udp_transport();

    udp_transport(const udp_transport&) = delete;
    udp_transport& operator=(const udp_transport&) = delete;

    // With the real ports, in the order of settings::bind; and the first of them.
    std::vector<endpoint> local_endpoints() const;
    endpoint local_endpoint() const;

    // Of the socket's receive buffer: a burst of 4,000 queries is wanted, and the system may grant
    // less. What finds it full is counted as drop_reason::not_read.
    static constexpr std::size_t wanted_buffer_octets = 1 << 20;
    std::size_t receive_buffer_octets() const;

    // Joins the network. What was asked for before waits until then. Once.
    void start();

    // Ends all gets and claims (timed out), saves the contacts and joins the thread. Withdraws
    // nothing. Twice is harmless; not from a get_handler.
    void stop();

    // After stop(), or if it was never started by then, the handler runs on the caller's thread.
    void get(const node_id& key, std::chrono::milliseconds budget, get_handler handler);

    // The same after pointers that were of no use; see node::get_again.
    void get_again(const node_id& key,
        std::vector<endpoint> rejected,
        std::chrono::milliseconds budget,
        get_handler handler);

    // A get whose result tells each step.
    void trace(const node_id& key, std::chrono::milliseconds budget, get_handler handler);

    // Who fetches an absent object? silent: the number of a leader that gave no answer, or 0. As
    // with get() the handler is called once, within the budget.
    void claim(const node_id& key,
        lease_number silent,
        std::chrono::milliseconds budget,
        claim_handler handler);

    // Of a lease that we lead: how the fetch goes (renewed every three seconds without being
    // asked), that the object is complete, that it is given up.
    void renew(const node_id& key, lease_number number, const fetch_progress& progress);
    void complete(
        const node_id& key, lease_number number, const pointer& value, std::chrono::seconds life);
    void release(const node_id& key, lease_number number, release_reason why);

    // Keeps a pointer to this node in the table for so long, until withdrawn; value.peer and
    // value.life are ignored. Replaces what was announced under the key.
    void announce(const node_id& key, const pointer& value, std::chrono::seconds life);
    void withdraw(const node_id& key);

    // Takes back what is announced and gives up what is led, for a node that is about to end; of
    // very many pointers only some, the rest expires.
    void withdraw_all();

    // Measured round-trip time times half of log2 of the estimated size of the network; 0 as long
    // as nobody has answered.
    std::chrono::milliseconds expected_lookup_time() const;

    // These wait for the transport's thread, which never blocks.
    // Of each family, in the order of settings::bind; and of the first.
    std::vector<statistics> snapshots() const;
    statistics snapshot() const;
    std::vector<contact> contacts() const;

private:
    class driver;
    std::unique_ptr<driver> driver_;
};

}  // namespace dht
