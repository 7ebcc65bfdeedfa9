#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "tools/mq-bench/rows.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

Complaint set_progress(Progress& target, const std::string& word) {
  constexpr std::pair<std::string_view, Progress> kNames[] = {{"auto", Progress::automatic},
                                                              {"tui", Progress::tui},
                                                              {"plain", Progress::plain},
                                                              {"json", Progress::json},
                                                              {"none", Progress::none}};
  for (const auto& [name, progress] : kNames) {
    if (name != word) continue;
    target = progress;
    return {};
  }
  return cli::is_not(word, "kind of progress (auto, tui, plain, json, none)");
}

/// "[ADDRESS]:PORT"; IPv6 in brackets.
Complaint set_endpoint(std::optional<mqtt::net::ListenOptions>& target, std::string_view word) {
  const std::size_t colon = word.rfind(':');
  const std::string complaint = cli::is_not(word, "[ADDRESS]:PORT");
  if (colon == std::string_view::npos) return complaint;
  std::string_view address = word.substr(0, colon);
  const std::string_view digits = word.substr(colon + 1);
  mqtt::net::ListenOptions options;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), options.port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return complaint;
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.contains(':')) {
    return complaint;
  }
  if (!address.empty()) options.address = address;
  target = options;
  return {};
}

}  // namespace

void add_live_rows(RowTable& table, Options& options) {
  table.add(kLoads,
            {.name = "progress",
             .value = "KIND",
             .group = kResultGroup,
             .help = "how to show the run on stderr: auto, tui, plain, json or none",
             .man = "tui draws a screen on a terminal, plain writes two lines a second, "
                    "json an object a second, a line each. auto is tui on a terminal in "
                    "the foreground, unless NO_COLOR is set, and plain elsewhere.",
             .default_text = "auto",
             .set = [&options](Words words) { return set_progress(options.progress, words[0]); },
             .choices = {"auto", "tui", "plain", "json", "none"}});
  table.add(kLoads,
            {.name = "events",
             .value = "FILE",
             .group = kResultGroup,
             .help = "write what happens to clients as CSV: connects, failures, refusals",
             .man = "Columns: seconds since the run began, event (connect, reconnect, "
                    "disconnect, no_connect, nack, first_loss, left_out), client id, reason. At "
                    "most 1000 lines of a kind a second and a million in all; lines of the "
                    "kind left_out count what was left out.",
             .set = cli::set_text(options.events_file),
             .hint = Option::Hint::file});
  table.add(kLoads,
            {.name = "metrics",
             .value = "[ADDRESS]:PORT",
             .group = kResultGroup,
             .help = "serve the run's figures to Prometheus at /metrics while it goes on",
             .man = "The address is 127.0.0.1 unless given. Port 0 takes any free one, and "
                    "a line on stderr tells which.",
             .set = [&options](Words words) { return set_endpoint(options.metrics, words[0]); }});
}

}  // namespace mq_bench
