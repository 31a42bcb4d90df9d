#include "tests/sim/oracles/honest_answers.hpp"

#include "dht/core/decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

namespace sim {
namespace {

constexpr std::size_t questions_kept = 65'536;
constexpr std::chrono::minutes question_age{1};

}  // namespace

void honest_answers::arrives(std::size_t from, std::size_t to, std::span<const std::byte> octets)
{
    const auto decoded = dht::decode(octets);
    if (!decoded) {
        return;
    }
    heard_.resize(std::max(heard_.size(), reef_.size()));
    if (const auto* asked = std::get_if<dht::query>(&decoded->body)) {
        note({from, to, decoded->transaction}, *asked, from);
        return;
    }
    const auto* const said = std::get_if<dht::response>(&decoded->body);
    if (said == nullptr) {
        return;
    }
    heard_[to].insert(from);
    if (exempt_.contains(from)) {
        return;
    }
    judge_contacts(*said, from);
    const auto answered = questions_.find({to, from, decoded->transaction});
    if (answered != questions_.end()) {
        judge_pointers(*said, answered->second.key, from);
        questions_.erase(answered);
    }
}

void honest_answers::note(const question& number, const dht::query& asked, std::size_t putter)
{
    if (const auto* get = std::get_if<dht::get_peers_query>(&asked.method)) {
        questions_[number] = {get->key, reef_.now()};
        if (questions_.size() > questions_kept) {
            forget_old_questions();
        }
        return;
    }
    const auto* const put = std::get_if<dht::announce_query>(&asked.method);
    if (put == nullptr) {
        return;
    }
    dht::endpoint peer = reef_.where(putter);
    peer.port = put->port == 0 ? peer.port : put->port;
    const std::chrono::seconds life = put->put ? put->put->life : dht::config{}.pointer_life;
    dht::time_point& end = ends_[{put->key, peer}];
    end = std::max(end, reef_.now() + life);
}

void honest_answers::forget_old_questions()
{
    std::erase_if(questions_,
        [this](const auto& one) { return one.second.when + question_age < reef_.now(); });
}

void honest_answers::judge_contacts(const dht::response& said, std::size_t by)
{
    for (const dht::contact& who : said.nodes) {
        ++contacts_judged_;
        const auto index = reef_.index_of(who.at);
        EXPECT_TRUE(index && heard_[by].contains(*index))
            << "node " << by << " hands out " << dht::to_string(who.at)
            << ", which has never answered it";
    }
}

void honest_answers::judge_pointers(
    const dht::response& said, const dht::node_id& key, std::size_t by)
{
    for (const dht::pointer& value : said.values) {
        // What a node keeps of its own, and what stands for a lease, came without a put.
        if (value.peer == reef_.where(by) || value.state != dht::pointer_state::complete) {
            continue;
        }
        ++pointers_judged_;
        const auto put = ends_.find({key, value.peer});
        if (put == ends_.end()) {
            ADD_FAILURE() << "node " << by << " has a pointer to " << dht::to_string(value.peer)
                          << " that nobody put";
            continue;
        }
        EXPECT_TRUE(reef_.now() + value.life <= put->second + slack_)
            << "node " << by << " lets the pointer to " << dht::to_string(value.peer)
            << " outlive its life";
    }
}

}  // namespace sim
