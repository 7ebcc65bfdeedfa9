#include "tools/mq-bench/list.hpp"

#include <fmt/format.h>

#include <chrono>

#include "tools/common/terminal.hpp"
#include "tools/mq-bench/presets.hpp"
#include "tools/mq-bench/scenario.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

std::string rate_text(const Options& options) {
  if (!options.publishes() && options.mode() != Mode::conn) return "-";
  return fmt::format("{:g}/s", options.total_rate().per_second());
}

/// "90s", "5m", "8h".
std::string time_text(mqtt::Duration duration) {
  if (duration % std::chrono::hours(1) == mqtt::Duration())
    return fmt::format("{}h", duration / std::chrono::hours(1));
  if (duration % std::chrono::minutes(1) == mqtt::Duration())
    return fmt::format("{}m", duration / std::chrono::minutes(1));
  return exact_duration(duration);
}

std::string row_of(const Preset& preset) {
  const auto scenario = parse_scenario(preset.text, std::string(preset.name));
  Options options;
  // The presets are ours: a test settles each.
  if (!scenario || !settle(*scenario, options).empty()) return fmt::format("{}\n", preset.name);
  const bool holds = options.mode() == Mode::conn;
  return fmt::format("{:<20} {:>11} {:>10} {:>8}  {}\n", preset.name, options.connections(),
                     rate_text(options), time_text(holds ? options.hold : options.duration),
                     scenario->description);
}

}  // namespace

std::expected<std::string, std::string> list(const Options& options) {
  if (options.words.size() > 1)
    return std::unexpected(fmt::format("unexpected word {}", cli::quoted(options.words[1])));
  if (!options.words.empty()) {
    const Preset* preset = find_preset(options.words[0]);
    if (preset != nullptr) return std::string(preset->text);
    return std::unexpected(
        fmt::format("{} is not a preset; mq-bench list names them", cli::quoted(options.words[0])));
  }
  std::string text =
      fmt::format("{:<20} {:>11} {:>10} {:>8}  {}\n", "PRESET", "CONNECTIONS", "RATE", "TIME", "");
  for (const Preset& preset : all_presets()) text += row_of(preset);
  return text;
}

}  // namespace mq_bench
