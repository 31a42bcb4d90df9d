#include "proxy/cli/admin_page.hpp"

#include "proxy/cli/local_request.hpp"
#include "proxy/cli/report_member.hpp"
#include "proxy/http1/serializer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <ostream>

namespace proxy {
namespace {

constexpr std::chrono::seconds deadline{
    5};  // a report comes at once, a lookup within three seconds
constexpr std::size_t largest_page_octets = 16 << 20;

constexpr std::chrono::minutes action_deadline{5};  // of a large store all is looked at

boost::system::result<admin_page> ask(const host_port& admin,
    std::string_view method,
    std::string_view path,
    std::chrono::milliseconds patience)
{
    std::string head;
    http1::append_request_line(head, method, path);
    http1::append_field(head, "Host", to_string(admin));
    http1::append_field(head, "Connection", "close");
    http1::append_end_of_head(head);

    local_request request{patience};
    if (const auto sent = request.send(admin, head); !sent) {
        return sent.error();
    }
    const auto answer = request.read_head();
    if (!answer) {
        return answer.error();
    }
    admin_page page;
    page.status = answer->status;
    while (page.body.size() <= largest_page_octets) {
        const auto content = request.read_content();
        if (!content) {
            return content.error();
        }
        if (content->empty()) {
            return page;
        }
        page.body += *content;
    }
    return make_error_code(local_errc::not_understood);
}

}  // namespace

boost::system::result<admin_page> read_admin_page(const host_port& admin, std::string_view path)
{
    return ask(admin, "GET", path, deadline);
}

boost::system::result<admin_page> post_to_admin(const host_port& admin, std::string_view path)
{
    return ask(admin, "POST", path, action_deadline);
}

int explain_admin_error(
    const boost::system::error_code& error, const host_port& admin, const command_context& context)
{
    context.err << "atoll: " << to_string(admin) << ": " << error.message();
    if (error == local_errc::unreachable) {
        context.err << "; start one with 'atoll run'";
    }
    context.err << '\n';
    return error == local_errc::timed_out ? exit_timeout : exit_unreachable;
}

int explain_stranger(const host_port& admin, const command_context& context)
{
    context.err << "atoll: " << to_string(admin) << ": what answers there is not an atoll\n";
    return exit_unreachable;
}

int explain_refusal(const admin_page& page, const host_port& admin, const command_context& context)
{
    boost::system::error_code error;
    const boost::json::value report = boost::json::parse(page.body, error);
    const boost::json::value& why = member(report, "/error");
    if (!why.is_string()) {
        return explain_stranger(admin, context);
    }
    context.err << "atoll: " << to_string(admin) << ": " << std::string{why.as_string()} << '\n';
    return page.status == 400 ? exit_usage : exit_failure;
}

}  // namespace proxy
