// A responder with a table of a hundred contacts, and what tests ask it.

#pragma once

#include "dht/core/responder.hpp"
#include "tests/sim/world/seeded_random.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <variant>

namespace dht {

using namespace std::chrono_literals;

constexpr time_point start{1h};
constexpr std::size_t padded = 260;
inline const node_id key = sha1("key");

inline endpoint number(std::uint32_t which)
{
    return {boost::asio::ip::address_v4{0x0a000000U + which}, 4128};
}

class ResponderTest : public ::testing::Test
{
protected:
    void SetUp() override
    {
        for (std::uint32_t i = 1; i <= 100; ++i) {
            table.answered(contact_at(number(i)), 10ms, start);
        }
    }

    responder::answer answer(query_method method,
        std::uint32_t from = 200,
        std::size_t octets = padded,
        time_point now = start)
    {
        query asked;
        asked.sender = id_of(number(from));
        asked.network = tag_of("atoll");
        asked.method = std::move(method);
        const endpoint source = number(from);
        return respond({asked, source, octets}, now);
    }

    response reply(query_method method,
        std::uint32_t from = 200,
        std::size_t octets = padded,
        time_point now = start)
    {
        return std::get<response>(answer(std::move(method), from, octets, now));
    }

    response put(std::uint32_t from, std::chrono::seconds life, time_point now = start)
    {
        const response probed = reply(get_peers_query{key, life}, from, padded, now);
        put_terms terms;
        terms.state = pointer_state::complete;
        terms.life = life;
        return reply(announce_query{key, probed.token, 0, terms}, from, padded, now);
    }

    // With a token just obtained, unless another is given.
    response claim(std::uint32_t from, time_point now = start, lease_number silent = 0)
    {
        const response first = reply(get_peers_query{key, {}}, from, padded, now);
        get_peers_query asking{key, {}};
        asking.claim = claim_terms{10s, first.token, silent};
        return reply(asking, from, padded, now);
    }

    response change(std::uint32_t from, const put_terms& terms, time_point now = start)
    {
        const response first = reply(get_peers_query{key, {}}, from, padded, now);
        return reply(announce_query{key, first.token, 0, terms}, from, padded, now);
    }

    put_terms terms_of(lease_number lease, std::optional<pointer_state> state)
    {
        put_terms terms;
        terms.state = state;
        terms.life = 3'600s;
        terms.lease = lease;
        return terms;
    }

    sim::seeded_random random{1};
    config settings;
    levels all{sha1("self"), settings, random, start};
    routing_table& table = all.table();
    value_store& values = all.values();
    lease_table leases{settings};
    token_mint tokens{settings, random, start};
    std::optional<pointer> announced;  // by this node, whatever the key
    responder respond{
        settings, all, leases, tokens, [this](const node_id&, time_point) { return announced; }};
};

}  // namespace dht
