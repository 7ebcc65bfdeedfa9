#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "libmqtt/base/time.hpp"
#include "tools/common/terminal_screen.hpp"
#include "tools/mq-sub/topic_table.hpp"

namespace mq_sub {

/// What one picture of the screen shows.
struct ScreenFrame {
  cli::ScreenSize size = {};
  std::string_view title = {};
  std::string_view note = {};  ///< In the last line, behind where we are.
  std::size_t top = 0;         ///< The first of the lines that is shown.
  mqtt::TimePoint now{};
};

/// How many lines of a table fit: between the title, the heads and the foot.
std::size_t visible_lines(cli::ScreenSize size);

/// The bytes for an ANSI terminal that draw the frame over whatever is there, line by line and each
/// column at its place, so that neither a character of unexpected width nor a resize leaves a mess.
std::string draw(std::span<const TableLine> lines, const ScreenFrame& frame);

/// "5s", "12m", "3h", "9d".
std::string age_text(mqtt::Duration age);

}  // namespace mq_sub
