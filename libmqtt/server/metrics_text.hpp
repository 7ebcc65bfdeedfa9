#pragma once

#include <string>
#include <string_view>

#include "libmqtt/server/statistics.hpp"

namespace mqtt::server {

/// A reading of the statistics in Prometheus' text exposition format, version 0.0.4.
std::string metrics_text(const Statistics& statistics, std::string_view version);

}  // namespace mqtt::server
