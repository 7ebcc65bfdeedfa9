#pragma once

#include <string>
#include <string_view>

#include "libmqtt/server/statistics.hpp"

namespace mqtt::server {

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// A reading of the statistics in Prometheus' text exposition format, version 0.0.4.
std::string metrics_text(const Statistics& statistics, std::string_view version);

}  // namespace mqtt::server
