#include "tests/support/reef.hpp"

#include "tests/support/text_file.hpp"

#include <stdexcept>
#include <thread>

namespace support {
namespace {

constexpr std::chrono::seconds ready_patience{30};

std::filesystem::path drop_switch(const std::filesystem::path& directory)
{
    return directory / "drop-datagrams";
}

}  // namespace

reef::reef(const reef_options& options) : options_(options)
{
    for (std::size_t index = 0; index < options.peers; ++index) {
        peers_.push_back(std::make_unique<atoll_peer>(options_for(index)));
    }
    for (std::size_t index = 0; index < options.peers; ++index) {
        wait_until_ready(index);
    }
}

atoll_peer_options reef::options_for(std::size_t index) const
{
    atoll_peer_options result;
    result.program = options_.program;
    result.directory = options_.directory / ("peer-" + std::to_string(index + 1));
    result.use_peers = options_.cooperate;
    result.more_arguments = options_.more_arguments;
    if (options_.cooperate && !peers_.empty() && index > 0) {
        result.join.push_back(peers_.front()->peer());
    }
    if (options_.droppable_datagrams) {
        result.environment = {std::string("LD_PRELOAD=") + ATOLL_DROP_DATAGRAMS,
            "ASAN_OPTIONS=verify_asan_link_order=0",  // it wants to be first where a build has it
            "DROP_DATAGRAMS_WHILE_EXISTS=" + drop_switch(options_.directory).string()};
    }
    return result;
}

void reef::wait_until_ready(std::size_t index) const
{
    const atoll_peer& peer = *peers_.at(index);
    const auto end = std::chrono::steady_clock::now() + ready_patience;
    const bool joins = options_.cooperate && peers_.size() > 1;
    while (peer.admin_page("/readyz").empty() ||
           (joins && peer.metric("atoll_routing_table_size") < 1)) {
        if (std::chrono::steady_clock::now() > end) {
            throw std::runtime_error(
                "a peer listens, but never says that it is ready:\n" + peer.log());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void reef::drop_datagrams()
{
    write_file(drop_switch(options_.directory), "");
}

void reef::restart(std::size_t index)
{
    atoll_peer_options options = options_for(index);
    options.client_port = peers_.at(index)->client().port();
    options.peer_port = peers_.at(index)->peer().port();
    options.admin_port = peers_.at(index)->admin().port();
    if (index == 0 && options_.cooperate && peers_.size() > 1) {
        options.join.push_back(peers_.at(1)->peer());
    }
    peers_.at(index)->program().kill();
    peers_.at(index) = std::make_unique<atoll_peer>(options);
}

}  // namespace support
