// What nobody should have to think about for long.

#pragma once

#include "dht/core/encoder.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace support {

// Noise, questions of another network and of plain nodes, and those of this one with an octet
// changed, in turn.
inline std::vector<std::string> junk_datagrams(std::string_view network, std::size_t count)
{
    constexpr std::size_t padded = 260;
    std::mt19937_64 random{1};
    std::vector<std::string> all;
    const auto question = [](std::string_view of, std::size_t number) {
        dht::message what;
        what.transaction = "junk";
        auto& asked = what.body.emplace<dht::query>();
        asked.network = dht::tag_of(of);
        asked.method = dht::get_peers_query{dht::sha1(std::to_string(number)), std::nullopt};
        return dht::encode(what, padded);
    };
    while (all.size() < count) {
        const std::size_t number = all.size();
        std::string noise(1 + random() % 400, '\0');
        std::generate(noise.begin(), noise.end(), [&] { return static_cast<char>(random()); });
        all.push_back(noise);
        all.push_back(question("another", number));
        all.emplace_back("d1:ad2:id20:aaaaaaaaaaaaaaaaaaaae1:q4:ping1:t2:aa1:y1:qe");
        std::string spoilt = question(network, number);
        spoilt[random() % spoilt.size()] = static_cast<char>(random());
        all.push_back(spoilt);
    }
    return all;
}

}  // namespace support
