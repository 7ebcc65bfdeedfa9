#include "tools/mq-bench/command.hpp"

#include <algorithm>
#include <array>

namespace mq_bench {
namespace {

constexpr std::array kCommands{
    CommandRow{Command::pair, "pair", "pair [-c COUNT] [--rate RATE] [-q QOS] [OPTION]...",
               Mode::pair},
    CommandRow{Command::pub, "pub", "pub [-c COUNT] [-r RATE] [-t TOPIC] [OPTION]...", Mode::pub},
    CommandRow{Command::sub, "sub", "sub [-c COUNT] -t FILTER [OPTION]...", Mode::sub},
    CommandRow{Command::conn, "conn", "conn [-c COUNT] [--rate RATE] [--hold TIME] [OPTION]...",
               Mode::conn},
    CommandRow{Command::fanout, "fanout",
               "fanout [--pub COUNT] [--sub COUNT] [--rate RATE] [OPTION]...", Mode::fanout},
    CommandRow{Command::fanin, "fanin",
               "fanin [--pub COUNT] [--sub COUNT] [--share GROUP] [--rate RATE] [OPTION]...",
               Mode::fanin},
    CommandRow{Command::storm, "storm",
               "storm [-c COUNT] [--kill SHARE] [--back TIME] [--session TIME] [OPTION]...",
               Mode::storm},
    CommandRow{Command::retained, "retained",
               "retained [--topics COUNT] [--sub COUNT] [--rate RATE] [OPTION]...", Mode::retained},
    CommandRow{Command::wills, "wills", "wills [-c COUNT] [--sub COUNT] [OPTION]...", Mode::wills},
    CommandRow{Command::run, "run", "run PRESET|FILE.toml [OPTION]...", {}, true},
    CommandRow{Command::list, "list", "list [PRESET]", {}, true},
    CommandRow{
        Command::check, "check", "check [SUBCOMMAND|PRESET|FILE.toml] [OPTION]...", {}, true},
    CommandRow{Command::merge, "merge", "merge RESULT.json... -o FILE [OPTION]...", {}, true},
    CommandRow{Command::compare, "compare", "compare BASE.json NEW.json [OPTION]...", {}, true},
    CommandRow{Command::report, "report", "report RESULT.json [OPTION]...", {}, true},
};

}  // namespace

std::span<const CommandRow> all_commands() { return kCommands; }

const CommandRow& row_of(Command command) {
  return *std::ranges::find(kCommands, command, &CommandRow::command);
}

}  // namespace mq_bench
