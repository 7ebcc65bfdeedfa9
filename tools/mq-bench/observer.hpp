#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "libmqtt/net/listen.hpp"
#include "tools/mq-bench/board.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// How a run is shown on stderr while it goes on.
enum class Progress : std::uint8_t { automatic, tui, plain, json, none };

/// What `automatic` comes to: a screen on a terminal that is ours and may have colours, else lines.
Progress effective_progress(Progress wished);

class EventLog;

/// Shows a run to people and to Prometheus while it goes on, and writes its events, on a thread of
/// its own: a slow terminal, disk or reader costs the load nothing. The terminal is given back on
/// destruction.
class Observer {
 public:
  struct Plan {
    Progress progress = Progress::none;
    std::optional<mqtt::net::ListenOptions> metrics = {};
    JudgeOptions judging = {};
    EventLog* events = nullptr;
    bool is_idle() const { return progress == Progress::none && !metrics && events == nullptr; }
  };

  /// The error is one line. The board outlives the observer.
  static std::expected<std::unique_ptr<Observer>, std::string> start(Plan plan, const Board& board);
  ~Observer();

 private:
  class Watch;
  explicit Observer(std::unique_ptr<Watch> watch);
  std::unique_ptr<Watch> watch_;
};

}  // namespace mq_bench
