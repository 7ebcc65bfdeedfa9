#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/client/client.hpp"
#include "libmqtt/codec/packet.hpp"
#include "tools/common/connection_options.hpp"
#include "tools/common/option.hpp"
#include "tools/mq-sub/output_format.hpp"

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

  bool verbose = false;
  bool no_newline = false;
  bool raw = false;
  std::optional<std::string> format;  ///< Checked.

  std::optional<std::uint64_t> count;
  std::optional<mqtt::Duration> timeout;
  mqtt::Duration idle_timeout = mqtt::Seconds(1);  ///< Of retained_only.
  bool ok_on_timeout = false;
  bool exit_after_subscribing = false;

  std::optional<std::string> ready_file;
  std::optional<unsigned> ready_fd;
  bool debug = false;
  bool quiet = false;
};

/// The option table of mq-sub, whose setters write into `options`.
cli::Tool describe(Options& options);

OutputFormat output_format(const Options& options);
/// What the client is to do for these options; they have been checked.
mqtt::client::ClientOptions client_options(const Options& options);
/// The SUBSCRIBE for all topics, without its packet id.
mqtt::Subscribe subscribe_packet(const Options& options);
mqtt::Unsubscribe unsubscribe_packet(const Options& options);

}  // namespace mq_sub
