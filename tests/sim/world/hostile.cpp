#include "tests/sim/world/hostile.hpp"

#include "dht/core/decoder.hpp"
#include "dht/core/encoder.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace sim {
namespace {

constexpr std::uint32_t nobody_from = 0x0aff0000;     // 10.255.0.0: no world has so many nodes
constexpr std::uint32_t attackers_from = 0x0afe0001;  // 10.254.0.1
constexpr std::uint16_t first_port = 1'024;
constexpr std::size_t contacts_named = 8;

dht::endpoint nobody(seeded_random& random)
{
    const auto number = nobody_from + static_cast<std::uint32_t>(random.below(0xffff));
    return {boost::asio::ip::address_v4{number}, first_port};
}

class liar
{
public:
    liar(std::uint64_t seed, const lies& what, std::vector<dht::endpoint> accomplices)
        : random_(seed), what_(what), accomplices_(std::move(accomplices))
    {
    }

    std::optional<std::string> operator()(std::string octets, const dht::endpoint& /*to*/)
    {
        auto decoded = dht::decode(std::as_bytes(std::span{octets}));
        auto* const said = decoded ? std::get_if<dht::response>(&decoded->body) : nullptr;
        if (said == nullptr) {
            return octets;
        }
        if (what_.about_nodes && !said->nodes.empty()) {
            said->nodes.clear();
            for (std::size_t i = 0; i < contacts_named; ++i) {
                said->nodes.push_back(dht::contact_at(somebody()));
            }
        }
        const bool is_about_a_key = !said->token.empty();
        if (what_.about_values && is_about_a_key) {
            dht::pointer false_one;
            false_one.peer = nobody(random_);
            false_one.life = std::chrono::hours{1};
            said->values = {false_one};
        }
        if (what_.about_load && is_about_a_key && said->sloppy) {
            said->sloppy->full = true;
            said->sloppy->loaded = true;
        }
        return dht::encode(*decoded, 0);
    }

private:
    dht::endpoint somebody()
    {
        return accomplices_.empty() ? nobody(random_)
                                    : accomplices_[random_.below(accomplices_.size())];
    }

    seeded_random random_;
    lies what_;
    std::vector<dht::endpoint> accomplices_;
};

}  // namespace

void make_liar(
    world& reef, std::size_t index, const lies& what, std::vector<dht::endpoint> accomplices)
{
    reef.set_filter(index, liar{reef.random().next(), what, std::move(accomplices)});
}

std::vector<dht::endpoint> endpoints_beside(
    const dht::node_id& key, std::size_t count, unsigned shared_bits)
{
    std::vector<dht::endpoint> found;
    for (std::uint32_t address = attackers_from; found.size() < count; ++address) {
        for (std::uint32_t port = first_port; port <= UINT16_MAX; ++port) {
            const dht::endpoint one{
                boost::asio::ip::address_v4{address}, static_cast<std::uint16_t>(port)};
            if (common_prefix(dht::id_of(one), key) >= shared_bits) {
                found.push_back(one);
                break;  // one of each address
            }
        }
    }
    return found;
}

}  // namespace sim
