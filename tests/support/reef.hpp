#pragma once

#include "tests/support/atoll_peer.hpp"

#include <memory>
#include <vector>

namespace support {

struct reef_options
{
    std::filesystem::path program = atoll_program();
    std::filesystem::path directory;
    std::size_t peers = 5;
    bool cooperate = true;             // false: --no-peers
    bool droppable_datagrams = false;  // loads what drop_datagrams() needs
    std::vector<std::string> more_arguments;
};

// Peers of one network on this machine, each a process with a store of its own. All but the first
// join through the first.
class reef
{
public:
    // Returns when every peer listens and says that it is ready; throws std::runtime_error.
    explicit reef(const reef_options& options);

    std::size_t size() const { return peers_.size(); }
    atoll_peer& at(std::size_t index) { return *peers_.at(index); }

    // From now on no datagram leaves any peer, as if a firewall dropped them: nothing is refused,
    // it is only never answered. Needs droppable_datagrams.
    void drop_datagrams();

    // A new process on the ports and the store of one that has ended or is ended now. Returns when
    // it listens; the store may open a little later.
    void restart(std::size_t index);
    // Returns when the peer says so and knows another one; throws std::runtime_error when that
    // never comes.
    void wait_until_ready(std::size_t index) const;

private:
    atoll_peer_options options_for(std::size_t index) const;

    reef_options options_;
    std::vector<std::unique_ptr<atoll_peer>> peers_;
};

}  // namespace support
