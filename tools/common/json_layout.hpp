#pragma once

#include <string>
#include <string_view>

#include "libmqtt/base/json_string.hpp"

namespace cli {

/// How JSON text is set: compact on one line; pretty on many, with tabs and one member a line,
/// elements of arrays side by side.
enum class JsonLayout { compact, pretty };

/// Appends JSON text, which must be JSON, in this layout. Numbers and strings stay as they came,
/// but for what JsonEscape::controls forbids.
void append_json(std::string& out, std::string_view json, JsonLayout layout,
                 mqtt::JsonEscape escape);

}  // namespace cli
