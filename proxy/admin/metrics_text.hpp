// /metrics: the text format that Prometheus reads.

#pragma once

#include "proxy/admin/node_report.hpp"

#include <string>

namespace proxy {

std::string metrics_text(const node_report& report);

}  // namespace proxy
