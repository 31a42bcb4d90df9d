// /v1/status: a peer at one look, as JSON. The names are an interface: they are added to, never
// changed.

#pragma once

#include "proxy/admin/node_report.hpp"

#include <string>

namespace proxy {

std::string status_json(const node_report& report);

}  // namespace proxy
