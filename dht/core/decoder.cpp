#include "dht/core/decoder.hpp"

#include "dht/core/bencode.hpp"
#include "dht/core/message_fields.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace dht {
namespace {

using bencode::document;
using bencode::value_view;
using std::chrono::seconds;

constexpr std::size_t longest_datagram = 1'472;
constexpr std::size_t longest_transaction = 16;
constexpr std::size_t value_meta_octets = 14;
constexpr std::size_t most_nodes = 32;
constexpr std::size_t most_values = 128;
constexpr std::int64_t most_octets = std::numeric_limits<std::int64_t>::max();

result<get_peers_query> read_get_peers(const value_view& arguments)
{
    get_peers_query out;
    const result<node_id> key = identifier(arguments["info_hash"]);
    if (!key) {
        return key.error();
    }
    out.key = *key;
    const value_view life = arguments["sl"]["tt"];
    const result<std::int64_t> put_life = number(life, 1, longest_life, 0);
    if (!put_life) {
        return put_life.error();
    }
    if (life) {
        out.put_life = seconds{*put_life};
    }
    const result<std::optional<claim_terms>> claim = read_claim(arguments);
    if (!claim) {
        return claim.error();
    }
    out.claim = *claim;
    return out;
}

result<put_terms> read_put_terms(const value_view& extension)
{
    const result<std::int64_t> life = number(extension["tt"], 0, longest_life, 0);
    const result<std::int64_t> state = number(extension["st"], 0, 3, 1);
    const result<std::int64_t> load = number(extension["ld"], 0, 255, 0);
    const result<std::int64_t> lease = number(extension["ln"], 1, highest_number, 0);
    const result<std::int64_t> received = number(extension["pr"], 0, most_octets, 0);
    const value_view tag = extension["vt"];
    const std::string_view tag_text = tag.string().value_or("");
    if (!life || !state || !load || !lease || !received) {
        return errc::out_of_range;
    }
    if (tag && tag_text.size() != sizeof(std::uint64_t)) {
        return errc::wrong_type;
    }
    put_terms out;
    out.life = seconds{*life};
    if (*state != 0) {
        out.state = static_cast<pointer_state>(*state);
    }
    if (out.state && *life == 0) {
        return errc::out_of_range;
    }
    out.load = static_cast<std::uint8_t>(*load);
    out.version_tag = big_endian(tag_text);
    out.lease = static_cast<lease_number>(*lease);
    out.received_octets = static_cast<std::uint64_t>(*received);
    return out;
}

result<announce_query> read_announce(const value_view& arguments)
{
    announce_query out;
    const result<node_id> key = identifier(arguments["info_hash"]);
    const std::optional<std::string_view> token = arguments["token"].string();
    if (!key || !token) {
        return errc::missing_field;
    }
    if (token->size() > longest_token) {
        return errc::wrong_type;
    }
    // Checked before it is narrowed: 2^62 must not become port 0.
    const result<std::int64_t> port = number(arguments["port"], 0, 65'535, 0);
    const result<std::int64_t> implied =
        number(arguments["implied_port"], 0, std::numeric_limits<std::int64_t>::max(), 0);
    if (!port || !implied) {
        return errc::out_of_range;
    }
    if (*port == 0 && *implied == 0) {
        return errc::missing_field;
    }
    out.key = *key;
    out.token = *token;
    out.port = *implied != 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(*port);
    if (arguments["sl"]) {
        const result<put_terms> terms = read_put_terms(arguments["sl"]);
        if (!terms) {
            return terms.error();
        }
        out.put = *terms;
    }
    return out;
}

result<ping_query> read_ping(const value_view& arguments)
{
    const value_view value = arguments["sl"]["rc"];
    ping_query out;
    if (!value) {
        return out;
    }
    const std::string_view text = value.string().value_or("");
    reach_request& request = out.reach.emplace();
    if (text == "?") {
        return out;
    }
    if (text == "!") {
        request.what = reach_request::step::probe;
        return out;
    }
    const std::optional<endpoint> whom = from_compact(text);
    if (!whom || !is_reachable_form(*whom)) {
        return errc::wrong_type;
    }
    request.what = reach_request::step::pass_on;
    request.whom = *whom;
    return out;
}

template <class Method>
boost::system::error_code assign(query& out, const result<Method>& method)
{
    if (!method) {
        return method.error();
    }
    out.method = *method;
    return {};
}

boost::system::error_code read_method(
    std::string_view name, const value_view& arguments, query& out)
{
    if (name == "ping") {
        return assign(out, read_ping(arguments));
    }
    if (name == "find_node") {
        const result<node_id> target = identifier(arguments["target"]);
        if (!target) {
            return target.error();
        }
        out.method = find_node_query{*target};
        return {};
    }
    if (name == "get_peers") {
        return assign(out, read_get_peers(arguments));
    }
    if (name == "announce_peer") {
        return assign(out, read_announce(arguments));
    }
    out.method = unknown_query{};
    return {};
}

result<query> read_query(const value_view& root)
{
    const std::optional<std::string_view> name = root["q"].string();
    const value_view arguments = root["a"];
    if (!name || !arguments) {
        return errc::missing_field;
    }
    if (!arguments.is_dictionary() || (arguments["sl"] && !arguments["sl"].is_dictionary())) {
        return errc::wrong_type;
    }
    query out;
    const result<node_id> sender = identifier(arguments["id"]);
    const result<std::optional<network_tag>> network = network_of(arguments["sl"]);
    const result<query_scope> scope = read_scope(arguments["sl"]);
    const result<std::vector<cluster_summary>> clusters = read_clusters(arguments["sl"]["cs"]);
    if (!sender) {
        return sender.error();
    }
    if (!network || !scope || !clusters) {
        return errc::wrong_type;
    }
    out.sender = *sender;
    out.network = *network;
    out.scope = *scope;
    out.clusters = *clusters;
    out.read_only = root["ro"].integer().value_or(0) == 1;
    const boost::system::error_code error = read_method(*name, arguments, out);
    if (error) {
        return error;
    }
    return out;
}

boost::system::error_code read_nodes(
    const value_view& value, std::size_t address_octets, std::vector<contact>& out)
{
    if (!value) {
        return {};
    }
    const std::size_t size = node_id::octet_count + address_octets;
    const std::optional<std::string_view> text = value.string();
    if (!text || text->size() % size != 0) {
        return errc::wrong_type;
    }
    for (std::size_t at = 0; at < text->size() && out.size() < most_nodes; at += size) {
        contact who;
        who.id = *node_id::from_octets(text->substr(at, node_id::octet_count));
        who.at = *from_compact(text->substr(at + node_id::octet_count, address_octets));
        if (is_reachable_form(who.at)) {
            out.push_back(who);
        }
    }
    return {};
}

// Fills in what `vm` says of a value. States that we do not know are left out with the value.
bool read_value_meta(std::string_view meta, pointer& out)
{
    const std::uint64_t state = big_endian(meta.substr(2, 1));
    if (state < 1 || state > 3) {
        return false;
    }
    out.life = seconds{static_cast<std::int64_t>(big_endian(meta.substr(0, 2)))};
    out.state = static_cast<pointer_state>(state);
    out.load = static_cast<std::uint8_t>(big_endian(meta.substr(3, 1)));
    out.version_tag = big_endian(meta.substr(6, 8));
    return true;
}

boost::system::error_code read_values(
    const value_view& list, std::optional<std::string_view> meta, std::vector<pointer>& out)
{
    if (list && !list.is_list()) {
        return errc::wrong_type;
    }
    std::size_t index = 0;
    for (value_view value = list.first(); value; value = list.after(value), ++index) {
        const std::optional<endpoint> peer = from_compact(value.string().value_or(""));
        if (!peer || (meta && (index + 1) * value_meta_octets > meta->size())) {
            return errc::wrong_type;
        }
        pointer found;
        found.peer = *peer;
        const bool known =
            !meta ||
            read_value_meta(meta->substr(index * value_meta_octets, value_meta_octets), found);
        if (known && is_reachable_form(*peer) && out.size() < most_values) {
            out.push_back(found);
        }
    }
    if (meta && index * value_meta_octets != meta->size()) {
        return errc::wrong_type;
    }
    return {};
}

result<std::optional<sloppy_reply>> read_sloppy_reply(const value_view& extension)
{
    if (!extension) {
        return std::optional<sloppy_reply>{};
    }
    if (!extension.is_dictionary()) {
        return errc::wrong_type;
    }
    const result<std::optional<network_tag>> network = network_of(extension);
    const result<std::int64_t> status = number(extension["st"], 0, 3, 0);
    const result<std::int64_t> granted = number(extension["tt"], 0, longest_life, 0);
    const result<std::optional<lease_answer>> lease = read_lease(extension);
    const result<std::vector<cluster_summary>> clusters = read_clusters(extension["cs"]);
    const result<std::int64_t> level = number(extension["lv"], 0, most_levels, 0);
    if (!network || !status || !granted || !clusters || !level) {
        return errc::out_of_range;
    }
    if (!lease) {
        return lease.error();
    }
    sloppy_reply out;
    out.network = *network;
    out.lease = *lease;
    out.clusters = *clusters;
    if (extension["lv"]) {
        out.level = static_cast<level_number>(*level);
    }
    out.full = extension["fu"].integer().value_or(0) == 1;
    out.loaded = extension["lo"].integer().value_or(0) == 1;
    out.passed_on = extension["rc"].integer().value_or(0) == 1;
    out.read_only = extension["ro"].integer().value_or(0) == 1;
    if (extension["st"]) {
        out.status = static_cast<store_status>(*status);
    }
    if (extension["tt"]) {
        out.granted = seconds{*granted};
    }
    return std::optional{out};
}

result<response> read_response(const value_view& root)
{
    const value_view fields = root["r"];
    if (!fields.is_dictionary()) {
        return errc::missing_field;
    }
    response out;
    const result<node_id> sender = identifier(fields["id"]);
    if (!sender) {
        return sender.error();
    }
    out.sender = *sender;
    out.reported = from_compact(root["ip"].string().value_or(""));
    const std::string_view token = fields["token"].string().value_or("");
    if (token.size() > longest_token) {
        return errc::wrong_type;
    }
    out.token = token;
    constexpr std::size_t v4_octets = 6;
    constexpr std::size_t v6_octets = 18;
    boost::system::error_code error = read_nodes(fields["nodes"], v4_octets, out.nodes);
    if (!error) {
        error = read_nodes(fields["nodes6"], v6_octets, out.nodes);
    }
    if (!error) {
        error = read_values(fields["values"], fields["sl"]["vm"].string(), out.values);
    }
    if (error) {
        return error;
    }
    const result<std::optional<sloppy_reply>> sloppy = read_sloppy_reply(fields["sl"]);
    if (!sloppy) {
        return sloppy.error();
    }
    out.sloppy = *sloppy;
    return out;
}

result<error_reply> read_error(const value_view& root)
{
    const std::optional<std::int64_t> code = root["e"].first().integer();
    if (!code) {
        return errc::missing_field;
    }
    return error_reply{*code};
}

template <class Body>
result<message> with_body(std::string_view transaction, result<Body> body)
{
    if (!body) {
        return body.error();
    }
    return message{std::string{transaction}, std::move(*body)};
}

}  // namespace

result<message> decode(std::span<const std::byte> datagram)
{
    if (datagram.size() > longest_datagram) {
        return errc::too_large;
    }
    const std::string_view text{reinterpret_cast<const char*>(datagram.data()), datagram.size()};
    const result<document> parsed = document::parse(text);
    if (!parsed) {
        return parsed.error();
    }
    const value_view root = parsed->root();
    const std::optional<std::string_view> transaction = root["t"].string();
    if (!transaction) {
        return errc::missing_field;
    }
    if (transaction->size() > longest_transaction) {
        return errc::wrong_type;
    }
    const std::string_view kind = root["y"].string().value_or("");
    if (kind == "q") {
        return with_body(*transaction, read_query(root));
    }
    if (kind == "r") {
        return with_body(*transaction, read_response(root));
    }
    if (kind == "e") {
        return with_body(*transaction, read_error(root));
    }
    return errc::unknown_kind;
}

}  // namespace dht
