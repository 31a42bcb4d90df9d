// What nodes tell each other, held against what has happened.

#pragma once

#include "dht/core/message.hpp"
#include "tests/sim/world/world.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sim {

// No contact is handed out that has never answered who hands it out; no pointer is handed out that
// nobody put, or longer than it was put for. Sealed datagrams are not looked into.
class honest_answers final : public witness
{
public:
    // slack: what clocks and ways may add to a life.
    explicit honest_answers(
        const world& reef, std::chrono::milliseconds slack = std::chrono::milliseconds{1'000})
        : reef_(reef), slack_(slack)
    {
    }

    // A liar, or something that is no node: its answers are not judged.
    void exempt(std::size_t index) { exempt_.insert(index); }

    void arrives(std::size_t from, std::size_t to, std::span<const std::byte> octets) override;

    std::uint64_t contacts_judged() const { return contacts_judged_; }
    std::uint64_t pointers_judged() const { return pointers_judged_; }

private:
    // Asker, asked, transaction.
    using question = std::tuple<std::size_t, std::size_t, std::string>;

    struct asked_for
    {
        dht::node_id key;
        dht::time_point when;
    };

    void note(const question& number, const dht::query& asked, std::size_t putter);
    void judge_contacts(const dht::response& said, std::size_t by);
    void judge_pointers(const dht::response& said, const dht::node_id& key, std::size_t by);
    void forget_old_questions();

    const world& reef_;
    std::chrono::milliseconds slack_;
    std::set<std::size_t> exempt_;
    std::vector<std::unordered_set<std::size_t>> heard_;
    std::map<question, asked_for> questions_;
    std::map<std::pair<dht::node_id, dht::endpoint>, dht::time_point> ends_;
    std::uint64_t contacts_judged_ = 0;
    std::uint64_t pointers_judged_ = 0;
};

}  // namespace sim
