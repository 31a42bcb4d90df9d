#include "dht/core/message.hpp"

#include <algorithm>

namespace dht {

network_tag tag_of(std::string_view network)
{
    network_tag tag{};
    const node_id digest = sha1(network);
    std::copy_n(digest.octets().begin(), tag.size(), tag.begin());
    return tag;
}

}  // namespace dht
