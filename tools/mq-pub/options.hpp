#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "tools/common/connection_options.hpp"
#include "tools/common/option.hpp"
#include "tools/common/print_options.hpp"

namespace mq_pub {

/// Where the payloads come from: exactly one of these.
enum class Source : std::uint8_t {
  none,
  text,         ///< -m
  empty,        ///< -n
  file,         ///< -f
  whole_stdin,  ///< -s
  lines,        ///< -l, --jsonl
  recording,    ///< --replay
};

/// What mq-pub's flags are read into.
struct Options {
  cli::ConnectionOptions connection;
  std::vector<std::string> topics;
  Source source = Source::none;
  std::string text;
  std::string file;
  std::uint8_t qos = 0;
  bool retain = false;
  double speed = 1;  ///< Of --replay; 0: without pauses.
  std::uint32_t repeat = 1;
  mqtt::Duration repeat_delay{};

  char line_end = '\n';
  bool skip_empty = false;
  bool jsonl = false;  ///< Each line is a JSON object.
  std::optional<std::string> topic_separator;
  std::size_t maximum_queue = 10'000;

  std::optional<std::string> spool;  ///< The directory.
  std::uint64_t spool_maximum = 100'000'000;

  bool reply = false;  ///< Wait for the answer to a request.
  std::optional<std::string> reply_topic;
  bool latency = false;     ///< Tell how long the answer took.
  cli::PrintOptions print;  ///< Of the answer.
  std::optional<mqtt::Duration> timeout;
  bool quiet = false;
  bool debug = false;
};

/// mq-pub's option table and texts; `options` must outlive it. Parsing leaves `options` complete:
/// the topic of -L has been taken over when there is no -t.
cli::Tool describe(Options& options);

}  // namespace mq_pub
