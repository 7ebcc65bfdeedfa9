#pragma once

#include <string_view>

namespace mq_bench {

/// The report's style sheet: light or dark as the reader has it, from the width of a phone on.
extern const std::string_view kHtmlStyle;
/// Shows the values under the pointer, out of the tables behind the charts. The report says
/// everything without it.
extern const std::string_view kHtmlScript;

}  // namespace mq_bench
