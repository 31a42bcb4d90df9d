#include "bench/contenders.hpp"

#include "tests/sim/models/chord_node.hpp"
#include "tests/sim/models/kademlia_node.hpp"
#include "tests/sim/reef.hpp"
#include "tests/sim/world/churn.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace bench {
namespace {

using namespace std::chrono_literals;

class sloppy_contender final : public contender
{
public:
    sloppy_contender(std::uint64_t seed, std::size_t nodes) : reef_(seed)
    {
        sim::grow(reef_, nodes);
    }

    sim::world& reef() override { return reef_; }

    void add() override
    {
        reef_.add_node({sim::random_up(reef_), sim::random_up(reef_), sim::random_up(reef_)});
    }

    void get(std::size_t who, const dht::node_id& key, handler done) override
    {
        const auto told = [done = std::move(done)](const dht::get_result& got) {
            done({!got.pointers.empty(), got.queries, got.hops});
        };
        reef_.begin_get(who, key, told, 2'500ms);
    }

    void put(std::size_t who, const dht::node_id& key, std::chrono::seconds life) override
    {
        reef_.begin_put(who, key, life);
    }

    void announce(std::size_t who, const dht::node_id& key) override
    {
        reef_.announce(who, key, 4 * sim::an_hour);
    }

    void watch(const dht::node_id& key) override { reef_.watch(key); }
    std::vector<std::size_t> watched() override { return reef_.watched(); }

private:
    sim::world reef_;
};

template <class Model>
class model_contender final : public contender
{
public:
    model_contender(std::uint64_t seed, std::size_t nodes) : reef_(seed)
    {
        for (std::size_t i = 0; i < nodes; ++i) {
            make();
        }
        fill_tables();
    }

    sim::world& reef() override { return reef_; }

    void add() override
    {
        const sim::peer door = models_[sim::random_up(reef_)]->self();
        const std::size_t index = make();
        models_[index]->join(door, reef_.now());
        reef_.carry_out(index);
    }

    void get(std::size_t who, const dht::node_id& key, handler done) override
    {
        const auto told = [done = std::move(done)](const sim::model_result& got) {
            done({!got.values.empty(), got.queries, got.hops});
        };
        models_[who]->get(key, told, reef_.now());
        reef_.carry_out(who);
    }

    void put(std::size_t who, const dht::node_id& key, std::chrono::seconds life) override
    {
        models_[who]->put(
            key, life, [](const sim::model_result&) {}, reef_.now());
        reef_.carry_out(who);
    }

    void announce(std::size_t who, const dht::node_id& key) override
    {
        constexpr std::chrono::minutes again{5};
        if (reef_.is_up(who)) {
            put(who, key, sim::an_hour);
            reef_.at(reef_.now() + again, [this, who, key] { announce(who, key); });
        }
    }

    void watch(const dht::node_id& key) override
    {
        for (std::size_t i = 0; i < models_.size(); ++i) {
            if (reef_.is_up(i)) {
                models_[i]->watch(key);
            }
        }
    }

    std::vector<std::size_t> watched() override
    {
        std::vector<std::size_t> counts;
        for (std::size_t i = 0; i < models_.size(); ++i) {
            counts.push_back(reef_.is_up(i) ? models_[i]->watched() : 0);
        }
        return counts;
    }

private:
    std::size_t make()
    {
        auto fresh = std::make_unique<Model>(reef_.next_address(), reef_.random().next());
        models_.push_back(fresh.get());
        return reef_.add_actor(std::move(fresh));
    }

    // From global knowledge: how a table comes about is not what is compared.
    void fill_tables()
    {
        std::vector<sim::peer> all;
        for (Model* const each : models_) {
            all.push_back(each->self());
        }
        if constexpr (std::is_same_v<Model, sim::chord_node>) {
            std::sort(all.begin(), all.end(), [](const sim::peer& left, const sim::peer& right) {
                return Model::place_of(left.id) < Model::place_of(right.id);
            });
        }
        for (std::size_t i = 0; i < models_.size(); ++i) {
            fill(*models_[i], all);
            reef_.carry_out(i);
        }
        reef_.run_for(60s);
    }

    void fill(sim::kademlia_node& of, const std::vector<sim::peer>& all)
    {
        // In an order of its own: it keeps whom it meets first.
        const std::size_t first = reef_.random().below(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            of.know(all[(first + i * stride(all.size())) % all.size()]);
        }
    }

    void fill(sim::chord_node& of, const std::vector<sim::peer>& ring)
    {
        const auto own = std::find(ring.begin(), ring.end(), of.self());
        of.know(ring, static_cast<std::size_t>(own - ring.begin()), reef_.now());
    }

    // Without a factor in common with the count, so that each comes once.
    static std::size_t stride(std::size_t count)
    {
        constexpr std::size_t prime = 7'919;
        return count % prime == 0 ? 1 : prime;
    }

    sim::world reef_;
    std::vector<Model*> models_;  // owned by the world; gone when it is no longer up
};

template <class Contender>
contender_kind kind(const char* name)
{
    return {name, [](std::uint64_t seed, std::size_t nodes) {
                return std::make_unique<Contender>(seed, nodes);
            }};
}

}  // namespace

std::vector<contender_kind> contender_kinds()
{
    return {kind<sloppy_contender>("atoll"),
        kind<model_contender<sim::kademlia_node>>("kademlia"),
        kind<model_contender<sim::chord_node>>("chord")};
}

}  // namespace bench
