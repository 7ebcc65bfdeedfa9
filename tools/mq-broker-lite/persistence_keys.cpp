#include <utility>

#include "tools/common/setters.hpp"
#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

constexpr std::string_view kPersistence = "Persistence";

/// When to write is not the configuration's to say: before each acknowledgement.
cli::Complaint ignore(cli::Words) { return {}; }

std::vector<Key> own_rows(Options& options) {
  using mqtt::store::Sync;
  return {
      {.option = {.name = "store",
                  .value = "FILE",
                  .group = kPersistence,
                  .help = "keep sessions, retained and queued messages in this file",
                  .man = "An acknowledgement then means that it is on disk. Of a long queue of a "
                         "session that lasts most lies in the file only (beyond 64 messages or 64 "
                         "KiB for a client that is away, 4 MiB for one that is there), so that "
                         "memory does not grow with it. The same as persistence true with "
                         "persistence_location and persistence_file.",
                  .set = cli::set_text(options.store),
                  .hint = cli::Option::Hint::file},
       .syntax = Key::Syntax::line},
      {.option = {.name = "store-sync",
                  .value = "off|normal|full",
                  .group = kPersistence,
                  .help = "what a commit to the store outlives",
                  .man = "full: a power failure: each acknowledgement waits for the disk to have "
                         "written (fdatasync). normal: the death of the broker; a power failure "
                         "may take the last acknowledged messages and damages nothing else. off: "
                         "the death of the broker; a power failure may damage the file.",
                  .default_text = "full",
                  .set = cli::set_choice(
                      options.store_sync, "mode (off, normal or full)",
                      std::vector<std::pair<std::string_view, Sync>>{
                          {"off", Sync::off}, {"normal", Sync::normal}, {"full", Sync::full}}),
                  .choices = {"off", "normal", "full"}}},
  };
}

}  // namespace

std::vector<Key> persistence_keys(Options& options) {
  std::vector<Key> rows = own_rows(options);
  rows.push_back(yes_no_key({.option = {.name = "persistence",
                                        .group = kPersistence,
                                        .help = "whether state outlives the broker",
                                        .man = "Its file is persistence_file in "
                                               "persistence_location. mosquitto's own file is "
                                               "another format, and is refused.",
                                        .default_text = "false",
                                        .set = set_yes_no(options.persistence)}}));
  rows.push_back({.option = {.name = "persistence-file",
                             .value = "FILE",
                             .group = kPersistence,
                             .help = "the name of the store's file",
                             .default_text = "mq-broker-lite.store",
                             .set = cli::set_text(options.persistence_file)},
                  .syntax = Key::Syntax::line});
  rows.push_back({.option = {.name = "persistence-location",
                             .value = "DIR",
                             .group = kPersistence,
                             .help = "the directory of the store's file; else the working one",
                             .set = cli::set_text(options.persistence_location),
                             .hint = cli::Option::Hint::directory},
                  .syntax = Key::Syntax::line});
  rows.push_back(yes_no_key({.option = {.name = "autosave-on-changes",
                                        .group = kPersistence,
                                        .help = "without effect: every change is saved at once",
                                        .set = ignore}}));
  rows.push_back({.option = {.name = "autosave-interval",
                             .value = "S",
                             .group = kPersistence,
                             .help = "without effect: every change is saved at once",
                             .set = ignore},
                  .syntax = Key::Syntax::word});
  return rows;
}

}  // namespace mq_broker_lite
