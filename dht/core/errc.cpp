#include "dht/core/errc.hpp"

#include <string>

namespace dht {
namespace {

class dht_category final : public boost::system::error_category
{
public:
    const char* name() const noexcept override { return "dht"; }

    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
        case errc::too_large: return "the datagram is too large";
        case errc::bad_syntax: return "the datagram is not bencoded";
        case errc::not_canonical: return "the datagram is not in canonical form";
        case errc::too_many_items: return "the message has too many parts";
        case errc::too_deep: return "the message is nested too deep";
        case errc::missing_field: return "the message lacks a field";
        case errc::wrong_type: return "a field of the message has the wrong type or length";
        case errc::out_of_range: return "a number of the message is out of range";
        case errc::unknown_kind: return "the message is neither query nor response nor error";
        case errc::unknown_key_form: return "a swarm key begins with 'atoll-swarm-1:'";
        case errc::wrong_key_length: return "a swarm key ends with 66 characters of base64url";
        case errc::bad_key_character: return "a character of the swarm key is wrong";
        case errc::bad_key_slot: return "the swarm key has a slot beyond 15";
        case errc::other_swarm: return "the swarm keys are not of one swarm";
        case errc::slot_taken: return "two swarm keys have the same slot";
        }
        return "unknown";
    }
};

}  // namespace

const boost::system::error_category& category()
{
    static const dht_category instance;
    return instance;
}

boost::system::error_code make_error_code(errc code)
{
    return {static_cast<int>(code), category()};
}

}  // namespace dht
