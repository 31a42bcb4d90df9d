#include "dht/core/encoder.hpp"

#include "dht/core/bencode.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace dht {
namespace {

using bencode::writer;
using std::chrono::seconds;

constexpr std::string_view version{"At\0\1", 4};  // two letters and two octets of version (BEP 5)
constexpr std::int64_t longest_life = 65'535;     // seconds; what the two octets in `vm` hold
constexpr std::int64_t longest_age = 0xffff'ffff;

std::string to_big_endian(std::uint64_t value, std::size_t octets)
{
    std::string text(octets, '\0');
    for (std::size_t i = octets; i > 0; --i) {
        text[i - 1] = static_cast<char>(value & 0xff);
        value >>= 8;
    }
    return text;
}

std::string_view text_of(const std::array<std::uint8_t, 8>& octets)
{
    return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// `cs`: for each level from 1 on, the cluster's ID, its size and its age in seconds.
void write_clusters(writer& out, const std::vector<cluster_summary>& clusters)
{
    if (clusters.empty()) {
        return;
    }
    std::string text;
    for (const cluster_summary& one : clusters) {
        const double size = std::clamp(std::round(one.size), 1.0, 4e9);
        const auto age = std::clamp<std::int64_t>(one.age.count(), 0, longest_age);
        text.append(text_of(one.id));
        text.append(to_big_endian(static_cast<std::uint64_t>(size), 4));
        text.append(to_big_endian(static_cast<std::uint64_t>(age), 4));
    }
    out.string("cs").string(text);
}

// `rc`: one character, or whom to ping.
std::string text_of(const reach_request& request)
{
    switch (request.what) {
    case reach_request::step::wanted: return "?";
    case reach_request::step::pass_on: return to_compact(request.whom);
    case reach_request::step::probe: return "!";
    }
    return "";
}

class query_writer
{
public:
    query_writer(writer& out, const query& what, std::size_t padding)
        : out_(out), query_(what), padding_(padding)
    {
    }

    void operator()(const ping_query& method)
    {
        reach_ = method.reach ? &*method.reach : nullptr;
        extension();
    }

    void operator()(const find_node_query& method)
    {
        extension();
        out_.string("target").string(method.target.text());
    }

    void operator()(const get_peers_query& method)
    {
        out_.string("info_hash").string(method.key.text());
        life_ = method.put_life;
        claim_ = method.claim ? &*method.claim : nullptr;
        extension();
        if (claim_ != nullptr && !claim_->token.empty()) {
            out_.string("token").string(claim_->token);
        }
    }

    void operator()(const announce_query& method)
    {
        if (method.port == 0) {
            out_.string("implied_port").integer(1);
        }
        out_.string("info_hash").string(method.key.text());
        if (const auto port = method.port != 0 ? method.port : method.port_ignored; port != 0) {
            out_.string("port").integer(port);
        }
        if (method.put && query_.network) {
            put_extension(*method.put);
        }
        out_.string("token").string(method.token);
    }

    void operator()(const unknown_query&) { extension(); }

private:
    void extension()
    {
        if (!query_.network) {
            return;
        }
        out_.string("sl").begin_dictionary();
        if (query_.scope.level != 0) {
            out_.string("cl").string(text_of(query_.scope.cluster));
        }
        if (claim_ != nullptr) {
            out_.string("cm").integer(claim_->life.count());
        }
        write_clusters(out_, query_.clusters);
        if (claim_ != nullptr && claim_->silent != 0) {
            out_.string("dn").integer(static_cast<std::int64_t>(claim_->silent));
        }
        if (query_.scope.level != 0) {
            out_.string("lv").integer(query_.scope.level);
        }
        out_.string("nw").string(text_of(*query_.network));
        if (padding_ > 0) {
            out_.string("pd").string(std::string(padding_, '.'));
        }
        if (reach_ != nullptr) {
            out_.string("rc").string(text_of(*reach_));
        }
        if (life_) {
            out_.string("tt").integer(life_->count());
        }
        out_.end();
    }

    void put_extension(const put_terms& put)
    {
        out_.string("sl").begin_dictionary();
        if (query_.scope.level != 0) {
            out_.string("cl").string(text_of(query_.scope.cluster));
        }
        write_clusters(out_, query_.clusters);
        out_.string("ld").integer(put.load);
        if (put.lease != 0) {
            out_.string("ln").integer(static_cast<std::int64_t>(put.lease));
        }
        if (query_.scope.level != 0) {
            out_.string("lv").integer(query_.scope.level);
        }
        out_.string("nw").string(text_of(*query_.network));
        if (put.lease != 0) {
            out_.string("pr").integer(static_cast<std::int64_t>(put.received_octets));
        }
        out_.string("st").integer(put.state ? static_cast<int>(*put.state) : 0);
        out_.string("tt").integer(put.life.count());
        if (put.version_tag != 0) {
            out_.string("vt").string(to_big_endian(put.version_tag, sizeof put.version_tag));
        }
        out_.end();
    }

    writer& out_;
    const query& query_;
    std::size_t padding_;
    std::optional<seconds> life_;
    const claim_terms* claim_ = nullptr;
    const reach_request* reach_ = nullptr;
};

constexpr std::array<std::string_view, 5> method_names = {
    "ping", "find_node", "get_peers", "announce_peer", "unknown"};

std::string encode_query(const std::string& transaction, const query& what, std::size_t padding)
{
    writer out;
    out.begin_dictionary().string("a").begin_dictionary();
    out.string("id").string(what.sender.text());
    std::visit(query_writer{out, what, padding}, what.method);
    out.end();
    out.string("q").string(method_names[what.method.index()]);
    if (what.read_only) {
        out.string("ro").integer(1);
    }
    out.string("t").string(transaction);
    out.string("v").string(version).string("y").string("q").end();
    return out.take();
}

std::string encode_padded(
    const std::string& transaction, const query& what, std::size_t padded_octets)
{
    std::string plain = encode_query(transaction, what, 0);
    const bool is_answered_with_contacts = std::holds_alternative<find_node_query>(what.method) ||
                                           std::holds_alternative<get_peers_query>(what.method);
    if (!is_answered_with_contacts || !what.network || plain.size() >= padded_octets) {
        return plain;
    }
    constexpr std::size_t overhead = std::string_view{"2:pd0:"}.size();
    const std::size_t missing = padded_octets - plain.size();
    return encode_query(transaction, what, missing > overhead ? missing - overhead : 1);
}

void write_nodes(writer& out, const response& what)
{
    std::string v4;
    std::string v6;
    for (const contact& who : what.nodes) {
        std::string& family = who.at.address.is_v4() ? v4 : v6;
        family.append(who.id.text()).append(to_compact(who.at));
    }
    const bool is_v6 = what.reported && what.reported->address.is_v6();
    if (!v4.empty() || (what.always_has_nodes && !is_v6)) {
        out.string("nodes").string(v4);
    }
    if (!v6.empty() || (what.always_has_nodes && is_v6)) {
        out.string("nodes6").string(v6);
    }
}

std::string value_meta(const std::vector<pointer>& values)
{
    std::string meta;
    for (const pointer& value : values) {
        const auto life = std::min<std::int64_t>(value.life.count(), longest_life);
        meta.append(to_big_endian(static_cast<std::uint64_t>(life), 2));
        meta.push_back(static_cast<char>(value.state));
        meta.push_back(static_cast<char>(value.load));
        meta.append(2, '\0');
        meta.append(to_big_endian(value.version_tag, sizeof value.version_tag));
    }
    return meta;
}

// The fields of a lease and, in its place among them, `lo`.
void write_lease(writer& out, const std::optional<lease_answer>& lease, bool loaded)
{
    if (lease) {
        out.string("le").integer(lease->granted ? 1 : 0);
        if (lease->holder) {
            out.string("lh").string(to_compact(*lease->holder));
        }
        if (lease->number != 0) {
            out.string("ln").integer(static_cast<std::int64_t>(lease->number));
        }
    }
    if (loaded) {
        out.string("lo").integer(1);
    }
    if (lease) {
        out.string("lt").integer(lease->left.count());
    }
}

void write_sloppy_reply(writer& out, const sloppy_reply& what, const std::vector<pointer>& values)
{
    out.string("sl").begin_dictionary();
    write_clusters(out, what.clusters);
    if (what.full) {
        out.string("fu").integer(1);
    }
    write_lease(out, what.lease, what.loaded);
    if (what.level) {
        out.string("lv").integer(*what.level);
    }
    if (what.network) {
        out.string("nw").string(text_of(*what.network));
    }
    if (what.passed_on) {
        out.string("rc").integer(1);
    }
    if (what.read_only) {
        out.string("ro").integer(1);
    }
    if (what.status) {
        out.string("st").integer(static_cast<int>(*what.status));
    }
    if (what.granted) {
        out.string("tt").integer(what.granted->count());
    }
    if (!values.empty()) {
        out.string("vm").string(value_meta(values));
    }
    out.end();
}

std::string encode_response(const std::string& transaction, const response& what)
{
    writer out;
    out.begin_dictionary();
    if (what.reported) {
        out.string("ip").string(to_compact(*what.reported));
    }
    out.string("r").begin_dictionary().string("id").string(what.sender.text());
    write_nodes(out, what);
    if (what.sloppy) {
        write_sloppy_reply(out, *what.sloppy, what.values);
    }
    if (!what.token.empty()) {
        out.string("token").string(what.token);
    }
    if (!what.values.empty()) {
        out.string("values").begin_list();
        for (const pointer& value : what.values) {
            out.string(to_compact(value.peer));
        }
        out.end();
    }
    out.end().string("t").string(transaction);
    out.string("v").string(version).string("y").string("r").end();
    return out.take();
}

std::string_view text_of(krpc_error code)
{
    switch (code) {
    case krpc_error::generic: return "error";
    case krpc_error::server: return "server error";
    case krpc_error::protocol: return "bad token";
    case krpc_error::unknown_method: return "unknown method";
    case krpc_error::other_network: return "other network";
    }
    return "error";
}

std::string encode_error(const std::string& transaction, const error_reply& what)
{
    writer out;
    out.begin_dictionary().string("e").begin_list();
    out.integer(what.code).string(text_of(static_cast<krpc_error>(what.code))).end();
    out.string("t").string(transaction);
    out.string("v").string(version).string("y").string("e").end();
    return out.take();
}

}  // namespace

std::string encode(const message& what, std::size_t padded_octets)
{
    if (const auto* asked = std::get_if<query>(&what.body)) {
        return encode_padded(what.transaction, *asked, padded_octets);
    }
    if (const auto* answer = std::get_if<response>(&what.body)) {
        return encode_response(what.transaction, *answer);
    }
    return encode_error(what.transaction, std::get<error_reply>(what.body));
}

// `t` is a key of the outermost dictionary and stands behind all others but `v` and `y`, so the
// last place that looks like it is it: what follows is ours.
std::string with_transaction(
    std::string encoded, const std::string& before, const std::string& after)
{
    const std::string field = "1:t" + std::to_string(before.size()) + ":" + before;
    const std::size_t found = encoded.rfind(field);
    BOOST_ASSERT(found != std::string::npos && before.size() == after.size());
    encoded.replace(found + field.size() - before.size(), after.size(), after);
    return encoded;
}

}  // namespace dht
