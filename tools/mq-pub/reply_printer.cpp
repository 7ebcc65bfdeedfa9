#include "tools/mq-pub/reply_printer.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "tools/common/receive_time.hpp"

namespace mq_pub {

ReplyPrinter::ReplyPrinter(mqtt::net::Loop& loop, const cli::PrintOptions& options, int output,
                           std::function<void(std::error_code)> on_end)
    : format_(cli::output_format(options)),
      style_(cli::output_style(options, output)),
      on_end_(std::move(on_end)),
      printer_(loop, output, *this) {}

std::string_view ReplyPrinter::print(const mqtt::Publish& reply,
                                     std::optional<std::chrono::nanoseconds> latency) {
  is_printed_ = true;
  const std::string_view problem =
      format_.append(printer_.text(), reply, cli::receive_time_now(), style_);
  if (latency) {
    const std::chrono::duration<double, std::micro> microseconds = *latency;
    fmt::format_to(std::back_inserter(printer_.text()), "Latency: {:f}µs\n", microseconds.count());
  }
  printer_.wake();
  return problem;
}

void ReplyPrinter::on_written() {
  if (is_printed_ && printer_.pending() == 0) on_end_({});
}

}  // namespace mq_pub
