#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// One figure of a result by the name that users know it by: e2e.p99, e2e.delivered.max,
/// ack@warmup.mean, loss, rate.recv, mem.rss. Assertions and tolerances speak of these.
class Figure {
 public:
  /// Its unit: messages are those that can also be counted in per cent of the expected ones.
  enum class Kind { count, messages, rate, bytes, duration };
  /// Which way it gets worse; fixed for each figure.
  enum class Worse { up, down, neither };

  struct Value {
    enum class State {
      known,
      no_data,       ///< The run has nothing of this kind.
      insufficient,  ///< Too few samples speak for this percentile.
    } state = State::no_data;
    double number = 0;  ///< Nanoseconds, per second, bytes; infinite among lost messages.
    bool is_known() const { return state == State::known; }
  };

  static std::expected<Figure, std::string> parse(std::string_view name);

  const std::string& name() const { return name_; }
  Kind kind() const { return kind_; }
  Worse worse() const { return worse_; }
  /// It is of the messages due in the warm-up.
  bool is_of_warm_up() const { return is_of_warm_up_; }
  /// A latency between two clients, which a bound between their clocks applies to.
  bool is_of(std::string_view metric) const { return metric_ == metric; }
  bool is_end_to_end() const { return metric_ == "e2e" && kind_ == Kind::duration; }
  /// It is about what was sent and did not come.
  bool needs_both_ends() const {
    return name_ == "loss" || name_ == "expected" || name_ == "rate.expected";
  }
  Value of(const Result& result) const;

 private:
  static std::expected<Figure, std::string> of_metric(std::string_view name);
  bool take_metric(std::string_view metric);
  Value of_metric(const Result& result) const;

  using Read = double (*)(const Result& result);
  using Has = bool (*)(const Result& result);

  std::string name_;
  Kind kind_ = Kind::duration;
  Worse worse_ = Worse::up;
  Read read_ = nullptr;  ///< nullptr: it is one of a metric.
  Has has_ = nullptr;    ///< Nobody receives in pub mode, nobody sends in sub mode.
  std::string metric_;
  std::string field_;  ///< Of the metric: min, max, mean, n, or p for the percentile.
  std::uint32_t millionths_ = 0;
  bool is_of_warm_up_ = false;
  bool delivered_only_ = false;
};

/// "2.9ms", "1000.0/s", "48.0MiB", "∞": a figure's number for people.
std::string shown(Figure::Kind kind, double number);

/// A number from 0 with the unit of this kind, "5ms", "100/s", "64MiB", "3"; nothing else.
std::optional<double> parse_amount(Figure::Kind kind, std::string_view text);

/// A decimal number from 0 at the beginning of `text`, which keeps what stands behind it.
std::optional<double> take_number(std::string_view& text);

/// So many messages in per cent of those that were expected.
double percent_of_expected(const Result& result, double count);

}  // namespace mq_bench
