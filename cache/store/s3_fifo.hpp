// The order in which entries of a bounded cache are evicted: S3-FIFO (Yang et al., "FIFO queues are
// all you need for cache eviction", SOSP 2023).

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cache {

// What an entry of the cache embeds. Whoever embeds it owns it, sets hash and octets before
// insert(), and keeps it in place until it is removed or was the victim.
struct s3_fifo_node
{
    std::uint64_t hash = 0;
    std::size_t octets = 0;

    s3_fifo_node* newer = nullptr;
    s3_fifo_node* older = nullptr;
    std::uint8_t uses = 0;
    bool in_main = false;
};

// New entries pass through a small queue and move to the main one only if they were used twice on
// the way; so what is asked for once (a scan, a crawler) pushes nothing out that is in use. An
// entry that comes back soon after it was evicted goes to the main queue at once: the ghost table
// remembers hashes of such entries.
//
// Not thread-safe; the shard that owns it locks.
class s3_fifo
{
public:
    explicit s3_fifo(std::size_t limit_octets);
    s3_fifo(const s3_fifo&) = delete;
    s3_fifo(s3_fifo&&) = delete;
    s3_fifo& operator=(const s3_fifo&) = delete;
    s3_fifo& operator=(s3_fifo&&) = delete;
    ~s3_fifo() = default;

    void insert(s3_fifo_node& node);
    void remove(s3_fifo_node& node);
    static void touch(s3_fifo_node& node);
    void resize(s3_fifo_node& node, std::size_t octets);

    // Takes out and returns the entry that is to go next; there must be one.
    s3_fifo_node& take_victim();

    // Sum of the octets of all entries.
    std::size_t octets() const { return small_.octets + main_.octets; }

    // What the table of ghosts occupies.
    std::size_t overhead_octets() const { return ghosts_.size() * sizeof(std::uint32_t); }

private:
    struct queue
    {
        s3_fifo_node* newest = nullptr;
        s3_fifo_node* oldest = nullptr;
        std::size_t octets = 0;

        void push(s3_fifo_node& node);
        void unlink(s3_fifo_node& node);
    };

    queue& queue_of(const s3_fifo_node& node) { return node.in_main ? main_ : small_; }
    std::uint32_t& ghost_of(std::uint64_t hash) { return ghosts_[hash % ghosts_.size()]; }

    std::size_t small_limit_octets_;
    queue small_;
    queue main_;
    std::vector<std::uint32_t> ghosts_;
};

}  // namespace cache
