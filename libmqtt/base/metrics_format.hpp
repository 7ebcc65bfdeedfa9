#pragma once

#include <string>
#include <string_view>

namespace mqtt {

/// The two lines before the values of a metric in Prometheus' text exposition format, version
/// 0.0.4: what it tells, and whether it only grows (its name ends in "_total") or not.
void append_metric_head(std::string& out, std::string_view metric, std::string_view help);

/// A text between the quotation marks of a label's value.
std::string metric_label(std::string_view text);

}  // namespace mqtt
