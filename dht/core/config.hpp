// Every constant of the table with its unit, default and source. Users set the first three
// through the program's settings; the rest is changed by tests and experiments.

#pragma once

#include "dht/core/swarm_key.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace dht {

struct config
{
    // Nodes of different names never talk and never share a key.
    std::string network = "atoll";
    // Accept nodes and messages of plain KRPC (BEP 5): tests and debugging.
    bool plain_krpc = false;
    // Not empty: only who has one of these keys is heard, and every datagram is sealed.
    swarm_ring swarm = {};
    // How far a sealed datagram's time may be from ours: clocks that nobody sets are off by less,
    // and a copy of a datagram is accepted no longer.
    std::chrono::seconds clock_tolerance{60};

    // Routing (Kademlia, sections 2.2 to 2.4).
    std::size_t bucket_size = 8;       // k; BEP 5
    std::size_t replacement_size = 8;  // contacts waiting for a place, per bucket
    // Of one public /24 or /64 in a bucket: who rents one subnet does not rule a bucket. Without
    // effect in a network with a swarm key, where everybody is known to somebody.
    std::size_t contacts_per_subnet = 2;
    unsigned bad_after_failures = 2;  // then neither asked nor handed out
    unsigned removed_after_failures = 3;
    std::chrono::seconds bucket_refresh{900};  // BEP 5: 15 minutes
    std::chrono::seconds contact_check{300};   // silence after which a contact is asked for life
    std::chrono::seconds contact_check_least{30};  // the same where nodes live for minutes

    // Lookups.
    std::size_t parallel_queries = 3;  // alpha; Kademlia, section 2.3
    // A get asks one node at a time for a step while answers come in time; where so many of 16
    // queries are late, it asks two, three and five.
    std::array<unsigned, 3> late_of_16{1, 2, 4};
    std::size_t shortlist_size = 48;     // candidates that a lookup remembers
    std::size_t queries_per_walk = 40;   // a walk of log2 n steps never needs them; lies might
    std::size_t closest_asked = 3;       // a walk that finds nothing asks so many at its end
    std::size_t closest_asked_near = 1;  // the same at levels above 0: the next level is the spare
    // A get after the first one brought nothing but lies: paths that share no node (S/Kademlia,
    // section 4.3), how many of the closest each asks, and how many at the same time.
    std::size_t wary_paths = 3;
    std::size_t closest_asked_wary = 10;
    std::size_t wary_parallel = 2;
    // Of a put's step, beyond the shortest that its contacts offer: it is not to pass by the nodes
    // on the way that would stop it.
    unsigned put_step_bits = 2;
    std::size_t stored_copies = 3;   // of a key that is not saturated
    std::size_t operations = 4'096;  // gets, puts and refreshes at a time
    std::chrono::milliseconds put_deadline{10'000};

    // Sloppy storage (Coral, section 4.1).
    std::size_t values_per_key = 4;            // l
    unsigned leakage_per_minute = 12;          // beta
    std::chrono::seconds pointer_life{3'600};  // longest that a value is kept; Coral: "an hour"
    std::chrono::seconds in_flight_life{20};   // of a pointer to a proxy still fetching; Coral
    std::size_t values_total = 131'072;        // about 25 MB
    std::size_t values_per_source = 32'768;    // of one address, or one IPv6 /64

    // A get that found nothing answers those of the same key that follow within so long.
    std::chrono::seconds absent_life{2};
    std::size_t absent_remembered = 4'096;  // keys

    // Claims: the right to fetch from the origin. What Coral lacked; leases against stampedes are
    // those of memcache at Facebook (Nishtala et al., NSDI 2013, section 3.2.1).
    std::chrono::seconds lease_life{10};    // the longest that a dead leader can hold others up
    std::chrono::seconds lease_renewal{3};  // three in a life: two may be lost
    int stalled_renewals = 2;               // without progress; then two reports end a lease
    std::chrono::milliseconds holder_deadline{200};  // of the ping to a holder that was reported
    std::chrono::milliseconds claim_retry{250};      // of a report: the ping is over by then
    int claim_late_parts = 8;    // a step is late after one of so many parts of the budget
    int claim_budget_parts = 4;  // the last of so many parts of a budget is for the claim itself
    std::chrono::seconds not_shareable_life{60};  // of "do not coordinate"
    std::size_t leases_total = 16'384;            // granted by this node; 344 octets each
    std::size_t leases_per_source = 4'096;        // of one address, or one IPv6 /64
    std::size_t leases_held = 4'096;              // by this node

    // Queries in flight, and how many of them one address is sent: half of what it would take from
    // us (source_rate below). More wait for at most so long, or go to somebody else.
    std::size_t queries_in_flight = 1'024;
    unsigned query_rate = 500;  // per second
    unsigned query_burst = 500;
    std::chrono::milliseconds query_wait{50};
    std::size_t query_slots = 1'024;
    std::chrono::milliseconds first_late_after{500};    // no round trip was ever measured
    std::chrono::milliseconds unknown_late_after{200};  // least for a contact never measured
    std::chrono::milliseconds least_late_after{100};    // a scheduling pause is not a failure
    std::chrono::milliseconds most_late_after{1'000};
    unsigned given_up_after = 3;  // times the above; one repetition happens in between

    // Membership.
    std::size_t least_contacts = 3;            // with fewer live ones the node joins again
    std::chrono::seconds join_retry_first{1};  // doubled up to the next
    std::chrono::seconds join_retry_last{60};
    std::chrono::seconds join_again{900};  // heals a partition: seeds are asked now and then
    std::size_t remembered_contacts = 64;
    // A node that others name and that does not answer us is left alone; doubled up to the last.
    std::chrono::seconds silent_first{60};
    std::chrono::seconds silent_last{900};
    std::size_t silent_remembered = 512;
    // Whether strangers reach us: looked into first, and then, after so long; what a round of
    // probes may take (six round trips of loss and all); how long a gateway may remember whom we
    // spoke to.
    std::chrono::seconds reach_first{30};
    std::chrono::seconds reach_again{900};
    std::chrono::seconds reach_patience{5};
    std::chrono::seconds gateway_memory{600};
    std::chrono::milliseconds reach_pass_interval{250};  // between pings for others: no flood
    // Of one source, so that nobody has us answer a forged one twice as much as it was asked.
    unsigned probe_rate = 1;  // per second
    unsigned probe_burst = 2;
    std::size_t probes_in_flight = 32;  // pings to nodes that asked us and are not known yet
    std::chrono::seconds maintenance{5};

    // Levels (Coral, sections 3.1 and 3.3). The bounds are round trips; level 0 is the whole
    // network, whatever stands first. A level that is left out is switched off.
    std::vector<std::chrono::milliseconds> level_bounds{std::chrono::milliseconds::max(),
        std::chrono::milliseconds{60},
        std::chrono::milliseconds{20}};
    bool prefix_hints = true;        // each node is in the index under its IPv4 /24 or IPv6 /48
    std::size_t join_percent = 80;   // members that must be near
    std::size_t leave_percent = 50;  // members that are not, beyond which the node leaves
    std::chrono::seconds cluster_review{300};
    // Of the square wave: in even hours sizes count that differ by more than their estimates do, in
    // odd hours by far more; both as powers of two.
    std::chrono::seconds cluster_phase{3'600};
    double cluster_size_noise = 1;
    double cluster_size_difference = 2;
    unsigned cluster_rest = 3;            // reviews between two moves of a node
    std::size_t cluster_samples = 5;      // members asked before a node moves to them
    std::size_t members_remembered = 64;  // of all other clusters of a level together

    // Own pointers.
    std::size_t announcements = 65'536;
    std::size_t parallel_puts = 8;
    std::chrono::seconds holder_check{60};    // silence after which a holder is asked for life
    std::chrono::seconds put_retry_first{5};  // after a put that nobody answered; doubled

    // Tokens. Two secrets are valid: five to ten minutes (BEP 5).
    std::chrono::seconds token_rotation{300};

    // Datagrams.
    std::size_t datagram_octets = 1'472;    // longest that is read: Ethernet without fragments
    std::size_t padded_query_octets = 260;  // a query so long may be answered with bucket_size
                                            // contacts: no gain for who forges its source
    std::size_t contacts_unpadded = 2;      // the answer to a shorter one
    std::size_t values_unpadded = 1;        // the same of pointers
    std::size_t values_read = 16;           // of a reply; more is noise or malice
    unsigned source_rate = 1'000;           // datagrams per second and address
    unsigned source_burst = 2'000;
    std::size_t source_slots = 4'096;
};

}  // namespace dht
