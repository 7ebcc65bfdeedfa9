#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/codec/packet.hpp"
#include "tools/common/connection_options.hpp"
#include "tools/common/option.hpp"
#include "tools/common/print_options.hpp"

namespace mq_sub {

/// What mq-sub's command line asks for.
struct Options {
  cli::ConnectionOptions connection;

  std::vector<std::string> topics;       ///< Filters, each once.
  std::vector<std::string> filter_out;   ///< Matching messages are dropped here.
  std::vector<std::string> unsubscribe;  ///< Filters.
  std::uint8_t qos = 0;
  bool hide_retained = false;
  bool retained_only = false;
  bool retain_as_published = false;
  std::optional<mqtt::RetainHandling> retain_handling;
  bool strict = false;

  bool remove_retained = false;
  std::optional<double> random_filter;  ///< Percent of the messages that are taken.

  cli::PrintOptions print;
  bool message_rate = false;
  bool watch = false;
  bool tree = false;
  std::vector<std::string> command;  ///< Of --exec, in words.
  unsigned jobs = 1;
  std::optional<std::string> record;

  std::optional<std::uint64_t> count;
  std::optional<mqtt::Duration> timeout;
  std::optional<mqtt::Duration> idle_timeout;
  bool ok_on_timeout = false;
  bool exit_after_subscribing = false;

  std::optional<std::string> ready_file;
  std::optional<unsigned> ready_fd;
  bool debug = false;
  bool quiet = false;
};

/// The option table of mq-sub, whose setters write into `options`.
cli::Tool describe(Options& options);

}  // namespace mq_sub
