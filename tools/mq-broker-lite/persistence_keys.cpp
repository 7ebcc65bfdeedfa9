#include <array>

#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

constexpr std::string_view kPersistence = "Persistence";
constexpr std::string_view kRefusal = "state is kept in memory only in this version";

/// Taken, so that a file that wants it still starts; said loudly, so that nobody relies on it.
cli::Setter set_persistence(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    bool is_wanted = false;
    if (cli::Complaint complaint = set_yes_no(is_wanted)(words); !complaint.empty())
      return complaint;
    if (is_wanted)
      options.warnings.push_back(options.place +
                                 ": PERSISTENCE IS NOT AVAILABLE in this version: sessions, "
                                 "retained and queued messages are lost when the broker ends");
    return {};
  };
}

/// What only says how to persist.
cli::Complaint ignore(cli::Words) { return {}; }

}  // namespace

std::vector<Key> persistence_keys(Options& options) {
  std::vector<Key> rows = {
      yes_no_key({.option = {.name = "persistence",
                             .group = kPersistence,
                             .help = "not available yet: true is taken with a warning",
                             .default_text = "false",
                             .set = set_persistence(options)},
                  .refusal = kRefusal}),
      yes_no_key({.option = {.name = "autosave-on-changes",
                             .group = kPersistence,
                             .help = "without effect, as there is no persistence",
                             .set = ignore},
                  .refusal = kRefusal}),
  };
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOthers = {
      {{"persistence-file", "FILE"}, {"persistence-location", "DIR"}, {"autosave-interval", "N"}}};
  for (const auto& [name, value] : kOthers)
    rows.push_back({.option = {.name = name,
                               .value = value,
                               .group = kPersistence,
                               .help = "without effect, as there is no persistence",
                               .set = ignore},
                    .syntax = Key::Syntax::line,
                    .refusal = kRefusal});
  return rows;
}

}  // namespace mq_broker_lite
