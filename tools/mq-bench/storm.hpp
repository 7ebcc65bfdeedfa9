#pragma once

#include <cstdint>
#include <optional>

#include "tools/mq-bench/churn.hpp"
#include "tools/mq-bench/message_load.hpp"

namespace mq_bench {

/// Who is cut off, and when each comes back: by number alone, so that all crews agree.
class StormSchedule {
 public:
  /// `share`: how many of 10,000 clients are cut off.
  StormSchedule(std::uint32_t clients, std::uint32_t share, Duration back)
      : clients_(clients), share_(share), back_(back) {}

  bool hits(std::uint32_t client) const { return before(client + 1) > before(client); }
  std::uint64_t victims() const { return before(clients_); }
  /// After the cut: the victims return one after the other, evenly.
  Duration back_after(std::uint32_t client) const;

 private:
  /// Victims with lower numbers: they are spread evenly over all clients.
  std::uint64_t before(std::uint32_t client) const {
    return std::uint64_t{client} * share_ / kWhole;
  }
  static constexpr std::uint64_t kWhole = 10'000;

  std::uint32_t clients_;
  std::uint32_t share_;
  Duration back_;
};

/// Cuts connections when the measurement begins, without any goodbye, and brings them back by
/// schedule, however those before fared. Messages go on meanwhile.
class Storm final : public Activity {
 public:
  explicit Storm(Crew& crew);
  TimePoint step(TimePoint now) override;
  bool is_done() const override;

 private:
  void strike();

  Crew& crew_;
  StormSchedule schedule_;
  std::optional<MessageLoad> messages_;
  bool has_struck_ = false;
  Absences absences_;
};

}  // namespace mq_bench
