// One running peer without other peers: what the tests of its data path start from.

#pragma once

#include "tests/support/atoll_peer.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace proxy {

class one_peer : public testing::Test
{
protected:
    // Before the first use of peer().
    void start_with(std::vector<std::string> arguments)
    {
        support::atoll_peer_options options;
        options.directory = directory_.path() / "peer";
        options.use_peers = false;
        options.more_arguments = std::move(arguments);
        peer_ = std::make_unique<support::atoll_peer>(options);
    }

    support::atoll_peer& peer()
    {
        if (!peer_) {
            start_with({});
        }
        return *peer_;
    }

    std::string raw(std::string_view request)
    {
        return support::raw_exchange(peer().client(), request);
    }

    support::http_client::result get(std::string_view authority, std::string_view path)
    {
        support::http_client client(peer().client());
        return client.exchange(support::forward_request(authority, path));
    }

    support::temporary_directory directory_;

private:
    std::unique_ptr<support::atoll_peer> peer_;
};

}  // namespace proxy
