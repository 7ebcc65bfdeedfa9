#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

constexpr std::string_view kOperation = "Operation";

cli::Setter set_interval(mqtt::Duration& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    const auto seconds =
        cli::parse_number(words[0], {.noun = "number of seconds", .least = 0, .most = 65535});
    if (!seconds) return seconds.error();
    target = mqtt::Seconds(static_cast<std::int64_t>(*seconds));
    return {};
  };
}

cli::Setter set_include_dir(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    options.include_dirs.push_back(words[0]);
    return {};
  };
}

cli::Setter set_metrics_port(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    auto& metrics = options.settings.operation.metrics;
    if (!metrics) metrics.emplace();
    return cli::set_number(metrics->port, {.noun = "port", .least = 0, .most = 65535})(words);
  };
}

cli::Setter set_metrics_address(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    auto& metrics = options.settings.operation.metrics;
    if (!metrics) metrics.emplace().port = 0;
    metrics->address = words[0];
    return {};
  };
}

std::vector<Key> process_keys(Options& options) {
  mqtt::server::OperationSettings& operation = options.settings.operation;
  return {
      file_key({.option = {.name = "pid-file",
                           .group = kOperation,
                           .help = "write the process id there",
                           .set = cli::set_text(operation.pid_file)}}),
      {.option = {.name = "user",
                  .value = "USER",
                  .group = kOperation,
                  .help = "whom root becomes before the first client comes in",
                  .man = "Without it, and unless it is root, the user mosquitto if there is one, "
                         "else nobody.",
                  .set = cli::set_text(operation.user)},
       .syntax = Key::Syntax::line},
      {.option = {.name = "sys-interval",
                  .value = "S",
                  .group = kOperation,
                  .help = "seconds between two updates of $SYS; 0: no $SYS",
                  .man = "The topics have mosquitto's names, and more below $SYS/broker/refused, "
                         "ended and connections; what has not changed is not published again.",
                  .default_text = "10",
                  .set = set_interval(operation.sys_interval)}},
      file_key({.option = {.name = "include-dir",
                           .group = kOperation,
                           .help = "read all files *.conf of this directory",
                           .man = "In the order of their names, upper case before lower case; not "
                                  "from within a file that was read so.",
                           .set = set_include_dir(options)}},
               cli::Option::Hint::directory),
  };
}

std::vector<Key> job_keys(Options& options) {
  mqtt::server::OperationSettings& operation = options.settings.operation;
  return {
      file_key({.option = {.name = "port-file",
                           .group = kOperation,
                           .help = "write the real ports there once they are open",
                           .man = "A line each, in the order of the listeners. The file comes "
                                  "whole, and goes when the broker ends.",
                           .set = cli::set_text(operation.port_file)}}),
      file_key({.option = {.name = "ready-file",
                           .group = kOperation,
                           .help = "create this file once the listeners are open",
                           .man = "It has their addresses, a line each. One that an earlier run "
                                  "has left is removed first.",
                           .set = cli::set_text(operation.ready_file)}}),
      {.option = {.name = "ready-fd",
                  .value = "N",
                  .group = kOperation,
                  .help = "write a line to this descriptor once the listeners are open",
                  .man = "And close it, unless it is standard output or standard error. Under "
                         "systemd, Type=notify does the same without an option.",
                  .set = cli::set_number(operation.ready_descriptor,
                                         {.noun = "descriptor", .least = 1, .most = 65535})}},
      {.option = {.name = "exit-after-idle",
                  .value = "S",
                  .group = kOperation,
                  .help = "end when nobody has been connected for so many seconds",
                  .man = "Since the start, or since the last client left; the exit code is 0.",
                  .set = cli::set_seconds(operation.exit_after_idle)}},
      yes_no_key({.option = {.name = "exit-with-parent",
                             .group = kOperation,
                             .help = "end when the process that started the broker does",
                             .default_text = "false",
                             .set = set_yes_no(operation.exit_with_parent)}}),
  };
}

std::vector<Key> metrics_keys(Options& options) {
  return {
      {.option = {.name = "metrics-port",
                  .value = "PORT",
                  .group = kOperation,
                  .help = "answer HTTP GET /metrics on this port, for Prometheus",
                  .man = "0 takes any free one; the URL is in the lines printed at the start. "
                         "SIGUSR1 writes the most important figures to the log instead.",
                  .set = set_metrics_port(options)}},
      {.option = {.name = "metrics-address",
                  .value = "ADDR",
                  .group = kOperation,
                  .help = "on which address it does; anybody who reaches it may read",
                  .default_text = "127.0.0.1",
                  .set = set_metrics_address(options),
                  .hint = cli::Option::Hint::host},
       .syntax = Key::Syntax::line},
  };
}

}  // namespace

std::vector<Key> operation_keys(Options& options) {
  std::vector<Key> rows = process_keys(options);
  append(rows, job_keys(options));
  append(rows, metrics_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
