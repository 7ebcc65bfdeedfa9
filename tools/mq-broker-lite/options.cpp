#include "tools/mq-broker-lite/options.hpp"

#include <algorithm>

#include "tools/common/setters.hpp"
#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"
#include "tools/mq-broker-lite/render_keys.hpp"

namespace mq_broker_lite {
namespace {

/// What makes no sense in a file.
std::vector<cli::Option> command_line_rows(Options& options) {
  constexpr std::string_view kGeneral = "General";
  using mqtt::server::LogSettings;
  const auto raise = [&options](LogSettings::Level level) {
    return [&options, level](cli::Words) -> cli::Complaint {
      auto& target = options.settings.log.level;
      target = std::max(target, level);
      return {};
    };
  };
  return {
      {.name = "config-file",
       .letter = 'c',
       .value = "FILE",
       .group = kGeneral,
       .help = "read a configuration file, as mosquitto.conf is written",
       .man = "Each line is a key and its value: the names below, with underscores. What the "
              "command line says wins over the file.",
       .set = cli::set_text(options.config_file),
       .hint = cli::Option::Hint::file},
      {.name = "check-config",
       .group = kGeneral,
       .help = "only say whether the configuration and the files it names are in order",
       .set = cli::set_flag(options.check_config)},
      {.name = "ignore-unknown-keys",
       .group = kGeneral,
       .help = "warn of unknown keys in a file instead of refusing them",
       .set = cli::set_flag(options.ignore_unknown_keys)},
      {.name = "verbose",
       .letter = 'v',
       .group = kGeneral,
       .help = "log a line per connection and subscription",
       .set = raise(LogSettings::Level::detail)},
      {.name = "debug",
       .letter = 'd',
       .group = kGeneral,
       .help = "log a line per packet",
       .set = raise(LogSettings::Level::debug)},
  };
}

/// Where a setter finds the words "the command line" to complain with, it finds its flag instead.
cli::Option with_place(Options& options, cli::Option row) {
  row.set = [&options, flag = row.flag(), set = std::move(row.set)](cli::Words words) {
    options.place = flag;
    return set(words);
  };
  return row;
}

}  // namespace

std::string Key::name() const {
  std::string name(option.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<Key> keys(Options& options) {
  std::vector<Key> table = listener_keys(options);
  append(table, access_keys(options));
  append(table, tls_keys(options));
  append(table, client_keys(options));
  append(table, limit_keys(options));
  append(table, log_keys(options));
  append(table, operation_keys(options));
  append(table, persistence_keys(options));
  append(table, bridge_keys(options));
  return table;
}

cli::Tool describe(Options& options) {
  std::vector<cli::Option> rows = command_line_rows(options);
  for (Key& key : keys(options)) rows.push_back(with_place(options, std::move(key.option)));
  return {
      .name = "mq-broker-lite",
      .summary = "a small, complete MQTT broker",
      .synopsis = {"[-p PORT] [-c FILE] [-v]", "passwd [OPTION]... FILE USER"},
      .description =
          "A broker for MQTT 3.1, 3.1.1 and 5.0: the one that a CI job, a developer or a Raspberry "
          "Pi at home starts with one command. By itself it listens on the loopback addresses, "
          "lets anybody in, and prints a line \"mq-broker-lite: listening on ADDRESS:PORT\" on "
          "standard output for each address once it does. Any other address needs authentication "
          "to be configured, or --allow-anonymous.\n\n"
          "A configuration file is written as mosquitto.conf is. Every option below but those "
          "under General is a key of it as well, with underscores: --max-qos 1 is the line "
          "\"max_qos 1\". A comment is a line that begins with #. An unknown key or a bad value "
          "stops the start with FILE:LINE.\n\n"
          "Sessions, retained messages and queued messages are kept in memory: a restart of the "
          "broker loses them.\n\n"
          "SIGHUP reads the configuration file again, and with it passwords, access rules, "
          "certificates and log settings: all of it, or nothing when something is wrong. SIGINT "
          "and SIGTERM end the broker in order: 5.0 clients are told (DISCONNECT 0x8B), and it "
          "exits with 0.",
      .options = std::move(rows),
      .exit_codes = {{"0", "ended by SIGINT or SIGTERM, or --check-config found nothing wrong"},
                     {"1",
                      "a bad option or configuration, a file that can't be read, or an "
                      "address that can't be listened on"}},
      .examples = {{"mq-broker-lite", "listen on 127.0.0.1:1883 and [::1]:1883"},
                   {"mq-broker-lite -p 0 -v", "any free port, with a log of who comes and goes"},
                   {"mq-broker-lite -c /etc/mosquitto/mosquitto.conf --check-config",
                    "say whether a configuration would do"}},
      .see_also = {"mq-broker-lite-passwd(1)", "mq-pub(1)", "mq-sub(1)", "mq-bench(1)"},
      .positional_choices = {"passwd"},
      .documents = {{"keys", render_keys}},
  };
}

}  // namespace mq_broker_lite
