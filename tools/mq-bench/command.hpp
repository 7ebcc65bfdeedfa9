#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// What mq-bench can be told to do, by the first word of its command line.
enum class Command : unsigned {
  pair,
  pub,
  sub,
  conn,
  fanout,
  fanin,
  storm,
  retained,
  wills,
  run,
  list,
  check,
  merge,
  compare,
  report
};

/// Commands as a bit each, for what applies to several of them.
using CommandSet = unsigned;
constexpr CommandSet bit(Command command) { return 1U << static_cast<unsigned>(command); }

/// One row for each command: the parser, the texts and main() know commands from here.
struct CommandRow {
  Command command;
  std::string_view name;
  std::string_view synopsis;  ///< Without the tool's name.
  std::optional<Mode> mode;   ///< The load it puts on a broker; none: it works on files or texts.
  bool takes_words = false;   ///< Words after it are its operands: FILES, a preset's name.
};

std::span<const CommandRow> all_commands();
const CommandRow& row_of(Command command);
inline std::string_view name(Command command) { return row_of(command).name; }

}  // namespace mq_bench
