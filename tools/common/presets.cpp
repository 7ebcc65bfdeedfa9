#include "tools/common/presets.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "libmqtt/net/address.hpp"
#include "tools/common/config_file.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using Outcome = std::expected<void, std::string>;

/// Those who have filled in a file mean it more than those who export a variable to all programs.
void add_variables(std::vector<Preset>& presets, const Environment& environment) {
  constexpr std::array<std::pair<const char*, const char*>, 4> kVariables = {
      {{"MQTT_HOST", "--host"},
       {"MQTT_PORT", "--port"},
       {"MQTT_USERNAME", "--username"},
       {"MQTT_PASSWORD", "--pw"}}};
  for (const auto& [variable, flag] : kVariables) {
    const auto value = environment(variable);
    if (value && !value->empty()) presets.push_back({variable, flag, value});
  }
}

Outcome add_file(std::vector<Preset>& presets, const std::string& path) {
  auto lines = read_config_file(path);
  if (!lines) return std::unexpected(std::move(lines.error()));
  for (ConfigLine& line : *lines) {
    std::string place = fmt::format("{}:{}", path, line.number);
    if (!line.key.starts_with('-')) {
      return std::unexpected(place + ": each line begins with an option, like --host");
    }
    std::optional<std::string> value;
    if (!line.value.empty()) value = std::move(line.value);
    if (const std::size_t equals = line.key.find('='); equals != std::string::npos) {
      // --host=broker, as on the command line: all that follows is the value.
      value = line.text.substr(equals + 1);
      line.key.resize(equals);
    }
    presets.push_back({std::move(place), std::move(line.key), std::move(value)});
  }
  return {};
}

/// False when there is no such file; one that is there and cannot be read is an error later.
bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/// Where a user's configuration files are; empty when nobody knows.
std::string directory(const Environment& environment) {
  // A relative path is to be passed over (XDG Base Directory Specification).
  const auto xdg = environment("XDG_CONFIG_HOME");
  if (xdg && xdg->starts_with('/')) return *xdg;
  const auto home = environment("HOME");
  return home && home->starts_with('/') ? *home + "/.config" : std::string();
}

/// Empty for a tool that mosquitto has not.
std::string_view mosquitto_name(std::string_view tool) {
  if (tool == "mq-pub") return "mosquitto_pub";
  return tool == "mq-sub" ? "mosquitto_sub" : "";
}

std::vector<std::string> files(std::string_view tool, const Environment& environment) {
  const std::string base = directory(environment);
  std::vector<std::string> found;
  if (base.empty()) return found;
  for (const std::string_view name : {std::string_view("config"), tool}) {
    const std::string path = fmt::format("{}/mq-tools/{}", base, name);
    if (exists(path)) found.push_back(path);
  }
  const std::string_view foreign = mosquitto_name(tool);
  const std::string path = fmt::format("{}/{}", base, foreign);
  if (found.empty() && !foreign.empty() && exists(path)) found.push_back(path);
  return found;
}

}  // namespace

std::optional<std::string> process_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::expected<std::vector<Preset>, std::string> read_presets(
    std::string_view tool, const Environment& environment,
    const std::optional<std::string>& named) {
  std::vector<Preset> presets;
  add_variables(presets, environment);
  const auto paths = named ? std::vector<std::string>{*named} : files(tool, environment);
  for (const std::string& path : paths) {
    if (Outcome added = add_file(presets, path); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  return presets;
}

std::vector<std::string> preset_hosts(std::string_view tool, const Environment& environment) {
  std::vector<std::string> hosts;
  const auto presets = read_presets(tool, environment, std::nullopt);
  if (!presets) return hosts;
  for (const Preset& preset : *presets) {
    if (!preset.value) continue;
    std::string host;
    if (preset.flag == "-h" || preset.flag == "--host") {
      host = *preset.value;
    } else if (preset.flag == "-L" || preset.flag == "--url") {
      if (const auto url = mqtt::net::parse_url(*preset.value)) host = url->address.host;
    }
    const bool is_plain = !host.empty() && escaped(host) == host;
    if (is_plain && std::ranges::find(hosts, host) == hosts.end()) hosts.push_back(host);
  }
  return hosts;
}

void use_presets(Tool& tool) {
  tool.reads_presets = true;
  tool.environment = {
      {"MQTT_HOST, MQTT_PORT, MQTT_USERNAME, MQTT_PASSWORD",
       "What -h, -p, -u and -P are when neither a file nor the command line says so."},
      {"XDG_CONFIG_HOME", "Where the configuration files are; without it ~/.config."}};
  tool.files = {
      {"$XDG_CONFIG_HOME/mq-tools/config",
       "Options for mq-pub and mq-sub, one a line: the option, then its value up to the end of the "
       "line, blanks within it and quotes included. Empty lines and lines that begin with # say "
       "nothing. What the command line gives replaces what a file says, but for options whose "
       "values add up."},
      {tool.name == "mq-pub" ? "$XDG_CONFIG_HOME/mq-tools/mq-pub"
                             : "$XDG_CONFIG_HOME/mq-tools/mq-sub",
       "The same for this tool alone; it outweighs the shared file. -o names another file in place "
       "of both."},
      {tool.name == "mq-pub" ? "$XDG_CONFIG_HOME/mosquitto_pub" : "$XDG_CONFIG_HOME/mosquitto_sub",
       "Read in the same way when there is neither of the others."}};
}

}  // namespace cli
