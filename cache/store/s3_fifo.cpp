#include "cache/store/s3_fifo.hpp"

#include <boost/assert.hpp>

#include <algorithm>

namespace cache {
namespace {

// The paper's values: a tenth for the small queue, a counter of two bits, promotion after more than
// one use.
constexpr std::size_t small_fraction = 10;
constexpr std::uint8_t most_uses = 3;
constexpr std::uint8_t promoting_uses = 2;

// As many ghosts as entries of this size would fit. A slot is overwritten by the next eviction that
// falls on it, which is how ghosts are forgotten.
constexpr std::size_t octets_per_ghost = std::size_t{8} * 1024;
constexpr std::size_t fewest_ghosts = 64;

std::uint32_t fingerprint(std::uint64_t hash)
{
    return static_cast<std::uint32_t>(hash >> 32U) | 1U;  // 0 is an empty slot
}

}  // namespace

void s3_fifo::queue::push(s3_fifo_node& node)
{
    node.newer = nullptr;
    node.older = newest;
    (newest != nullptr ? newest->newer : oldest) = &node;
    newest = &node;
    octets += node.octets;
}

void s3_fifo::queue::unlink(s3_fifo_node& node)
{
    (node.newer != nullptr ? node.newer->older : newest) = node.older;
    (node.older != nullptr ? node.older->newer : oldest) = node.newer;
    octets -= node.octets;
}

s3_fifo::s3_fifo(std::size_t limit_octets)
    : small_limit_octets_{limit_octets / small_fraction},
      ghosts_(std::max(limit_octets / octets_per_ghost, fewest_ghosts))
{
}

void s3_fifo::insert(s3_fifo_node& node)
{
    std::uint32_t& ghost = ghost_of(node.hash);
    node.uses = 0;
    node.in_main = ghost == fingerprint(node.hash);
    if (node.in_main) {
        ghost = 0;
    }
    queue_of(node).push(node);
}

void s3_fifo::remove(s3_fifo_node& node)
{
    queue_of(node).unlink(node);
}

void s3_fifo::touch(s3_fifo_node& node)
{
    node.uses = std::min<std::uint8_t>(node.uses + 1U, most_uses);
}

void s3_fifo::resize(s3_fifo_node& node, std::size_t octets)
{
    queue& holder = queue_of(node);
    holder.octets = holder.octets - node.octets + octets;
    node.octets = octets;
}

s3_fifo_node& s3_fifo::take_victim()
{
    while (true) {
        const bool from_small = small_.oldest != nullptr &&
                                (small_.octets >= small_limit_octets_ || main_.oldest == nullptr);
        queue& source = from_small ? small_ : main_;
        BOOST_ASSERT(source.oldest != nullptr);
        s3_fifo_node& node = *source.oldest;
        source.unlink(node);
        if (from_small && node.uses >= promoting_uses) {
            node.in_main = true;
            node.uses = 0;
            main_.push(node);
        } else if (!from_small && node.uses > 0) {
            --node.uses;  // a second chance for each use
            main_.push(node);
        } else {
            if (from_small) {
                ghost_of(node.hash) = fingerprint(node.hash);
            }
            return node;
        }
    }
}

}  // namespace cache
