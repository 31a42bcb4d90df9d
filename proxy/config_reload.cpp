#include "proxy/config_reload.hpp"

#include <array>

namespace proxy {
namespace {

struct compared_option
{
    std::string_view name;
    bool (*equal)(const settings& left, const settings& right);
    bool is_live = false;
};

template <auto Member>
bool equal(const settings& left, const settings& right)
{
    return left.*Member == right.*Member;
}

// Every option of the table in config_options.cpp; a test sees to it. The file of swarm keys has
// been read into them.
constexpr std::array<compared_option, 24> compared{{
    {"client", equal<&settings::client>},
    {"peer", equal<&settings::peer>},
    {"peer6", equal<&settings::peer6>},
    {"admin", equal<&settings::admin>},
    {"store", equal<&settings::store>},
    {"store-size", equal<&settings::store_octets>},
    {"memory", equal<&settings::memory_octets>},
    {"state", equal<&settings::state>},
    {"join", equal<&settings::join>},
    {"advertise", equal<&settings::advertise>},
    {"advertise6", equal<&settings::advertise6>},
    {"origin", equal<&settings::origins>, true},
    {"allow-client", equal<&settings::allow_client>, true},
    {"allow-target", equal<&settings::allow_target>, true},
    {"allow-purge", equal<&settings::allow_purge>, true},
    {"suffix", equal<&settings::suffix>},
    {"no-peers", equal<&settings::use_peers>},
    {"network", equal<&settings::network>},
    {"swarm-key", equal<&settings::swarm_keys>},
    {"swarm-key-file", equal<&settings::swarm_key_file>},
    {"levels", equal<&settings::level_bounds>},
    {"plain-krpc", equal<&settings::plain_krpc>},
    {"threads", equal<&settings::threads>},
    {"log-format", equal<&settings::access_log>},
}};

}  // namespace

reload_plan compare(const settings& running, const settings& wanted)
{
    reload_plan plan;
    for (const compared_option& option : compared) {
        if (!option.equal(running, wanted)) {
            (option.is_live ? plan.changes : plan.need_restart).push_back(option.name);
        }
    }
    return plan;
}

live_rules live_rules_of(const settings& values)
{
    return {{values.suffix, values.origins},
        values.allow_client,
        values.allow_target,
        values.allow_purge};
}

settings merge(const settings& running, const settings& wanted)
{
    settings merged = running;
    merged.origins = wanted.origins;
    merged.allow_client = wanted.allow_client;
    merged.allow_target = wanted.allow_target;
    merged.allow_purge = wanted.allow_purge;
    return merged;
}

}  // namespace proxy
