// Where a request goes: hosts have one spelling, coralized names an inverse, and what is resolved
// can be written into a request. The input is a request; its head is parsed first.

#include "proxy/core/coral_name.hpp"
#include "proxy/core/egress.hpp"
#include "proxy/core/forwarding.hpp"
#include "proxy/core/host.hpp"
#include "proxy/core/target.hpp"
#include "proxy/http1/parser.hpp"
#include "proxy/http1/serializer.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace proxy;

void require(bool claim)
{
    if (!claim) {
        std::abort();
    }
}

void check_names(std::string_view text)
{
    const std::optional<std::string> host = canonical_host(text);
    if (host) {
        require(canonical_host(*host) == host);
    }
    const std::optional<coral_origin> from = parse_coral_name(text);
    if (!from) {
        return;
    }
    const std::optional<std::string> name = coral_name(*from);
    require(name && parse_coral_name(*name) == from);
}

// An address is a literal in its one spelling, or else a name that no resolver reads as one.
void check_host(const std::string& host)
{
    require(canonical_host(host) == host);
    boost::system::error_code failed;
    const bool bracketed = host.starts_with('[');
    const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
    const auto address = boost::asio::ip::make_address(bare, failed);
    require(is_address_literal(host) == !failed);
    require(failed || address.to_string() == bare);
}

void check_written(const target& found, const http1::request_head& request)
{
    std::string written;
    http1::append_request_line(written, request.method, found.path_and_query);
    http1::append_field(written, "Host", found.authority());
    http1::append_end_of_head(written);
    http1::request_head read;
    const auto parsed = http1::request_parser{}.parse(written, read);
    require(parsed.has_value() && *parsed == written.size());
    require(read.target == found.path_and_query);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view octets{reinterpret_cast<const char*>(data), size};
    check_names(octets);
    http1::request_head request;
    const auto parsed = http1::request_parser{}.parse(octets, request);
    if (!parsed || *parsed == 0) {
        return 0;
    }
    const target_rules rules{"s.localhost", {{"http", "a.example", 8080}}};
    const auto found = resolve_target(request, rules);
    if (found) {
        check_host(found->host);
        require(found->port != 0);
        if (found->way != way_in::tunnel) {
            check_written(*found, request);
        }
    } else {
        require(status_for(found.error()) >= 400);
    }
    cache::field_section fields = request.fields;
    remove_hop_by_hop(fields);
    require(!fields.contains(cache::field::connection));
    require(fields.contains(cache::field::host) == request.fields.contains(cache::field::host));
    coralize_response(fields, rules.suffix, "b.example.s.localhost:3128");
    add_via(fields, "node");
    require(has_passed(fields, "node"));
    return 0;
}
