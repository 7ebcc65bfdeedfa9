#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/option.hpp"

namespace cli {

/// One option that stands somewhere else than on the command line, which has the last word.
struct Preset {
  std::string place;  ///< For complaints: "FILE:LINE", or the name of a variable.
  std::string flag;   ///< "-h", "--host".
  std::optional<std::string> value;
};

/// The value of an environment variable; nothing when there is none.
using Environment = std::function<std::optional<std::string>(const char* name)>;
std::optional<std::string> process_environment(const char* name);

/// What applies before the command line of this tool, the least binding first: MQTT_HOST,
/// MQTT_PORT, MQTT_USERNAME and MQTT_PASSWORD, then the files mq-tools/config and mq-tools/TOOL
/// below $XDG_CONFIG_HOME (or ~/.config). If there is neither, the file of mosquitto's own tool is
/// read in their place; `named` (-o) replaces them all. A file holds an option a line,
/// "--host broker"; the error is one line and begins with "FILE:" or "FILE:LINE:".
std::expected<std::vector<Preset>, std::string> read_presets(
    std::string_view tool, const Environment& environment, const std::optional<std::string>& named);

/// The brokers that the presets of this tool name, each once, for completion: what a terminal would
/// obey is left out.
std::vector<std::string> preset_hosts(std::string_view tool, const Environment& environment);

/// Makes a tool read presets, and its man page say so.
void use_presets(Tool& tool);

}  // namespace cli
