#include "tools/mq-sub/text_outlet.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "tools/common/terminal.hpp"

namespace mq_sub {

TextOutlet::TextOutlet(mqtt::net::Loop& loop, cli::OutputFormat format, cli::Style style,
                       int output, Outlet::Handler& handler)
    : format_(std::move(format)), style_(style), handler_(handler), printer_(loop, output, *this) {}

void TextOutlet::take(const mqtt::Publish& message, const cli::ReceiveTime& time) {
  const std::string_view problem = format_.append(printer_.text(), message, time, style_);
  if (problem.empty()) return;
  handler_.on_trouble(fmt::format("message on {}: {}", cli::quoted(message.topic.view()), problem),
                      Gravity::word);
}

}  // namespace mq_sub
