// A page of the admin port of the peer on this machine.

#pragma once

#include "proxy/cli/commands.hpp"
#include "proxy/config.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace proxy {

struct admin_page
{
    unsigned status = 0;
    std::string body;
};

// path: with its query. Errors are those of local_errc.
boost::system::result<admin_page> read_admin_page(const host_port& admin, std::string_view path);

// The same of a POST without content; such an action may take longer than a page.
boost::system::result<admin_page> post_to_admin(const host_port& admin, std::string_view path);

// Both say on standard error what is wrong, and return the exit code of it.
int explain_admin_error(
    const boost::system::error_code& error, const host_port& admin, const command_context& context);
int explain_stranger(const host_port& admin, const command_context& context);

// The same of a page that is no 200: its {"error": why}, if it has one.
int explain_refusal(const admin_page& page, const host_port& admin, const command_context& context);

}  // namespace proxy
