#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

#include "libmqtt/codec/packet.hpp"
#include "libmqtt/net/loop.hpp"
#include "tools/common/print_options.hpp"
#include "tools/common/printer.hpp"

namespace mq_pub {

/// Prints one reply as mq-sub prints a message, without ever stopping the loop.
class ReplyPrinter final : private cli::Printer::Handler {
 public:
  /// on_end: the reply is with the system now, or the output has ended: broken_pipe when its reader
  /// is gone, even before there is anything to print.
  ReplyPrinter(mqtt::net::Loop& loop, const cli::PrintOptions& options, int output,
               std::function<void(std::error_code)> on_end);

  /// `latency`: told in a line of its own. Returns what is wrong with the message, for a person, as
  /// OutputFormat::append() does.
  std::string_view print(const mqtt::Publish& reply,
                         std::optional<std::chrono::nanoseconds> latency);

 private:
  void on_written() override;
  void on_output_ended(std::error_code reason) override { on_end_(reason); }

  cli::OutputFormat format_;
  cli::Style style_;
  std::function<void(std::error_code)> on_end_;
  bool is_printed_ = false;
  cli::Printer printer_;
};

}  // namespace mq_pub
