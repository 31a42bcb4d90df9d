// What one node of the index costs its machine.

#pragma once

namespace bench {

// Microseconds of processor for a get that a node answers, pointers and all: from the datagram that
// came to the one that is to be sent.
double microseconds_per_answer();

// Octets of memory for a pointer that a node stores, with four to a key.
double octets_per_value();

// Octets of an answer with as many pointers as there are at the most.
double octets_of_answer();

// Octets that go out for each that came in, headers of IP and UDP included, at worst: to somebody
// who has no token and whose source address may be forged.
double amplification();

}  // namespace bench
