#pragma once

#include <optional>
#include <vector>

#include "tools/mq-bench/crew.hpp"

namespace mq_bench {

/// Clients that leave: brings each back at its time, and keeps it in mind until it is online again.
class Absences {
 public:
  /// This one is leaving, or has left, and is due back.
  void add(Connection& connection, TimePoint due) { absent_.push_back({&connection, due, false}); }
  /// Brings back those who are due and have got away by now; when to call again.
  TimePoint step(TimePoint now);
  /// Whether all are back, or have had long enough after `end`.
  bool are_over(TimePoint now, TimePoint end) const;

 private:
  struct Absence {
    Connection* client;
    TimePoint due;
    bool is_called;
  };
  std::vector<Absence> absent_;
};

/// Connections that end and begin anew by schedule while all others are held: each client in its
/// turn says goodbye and connects again at once.
class Churn final : public Activity {
 public:
  Churn(Crew& crew, Rate rate);
  TimePoint step(TimePoint now) override;
  void after_flush(TimePoint now) override { absences_.step(now); }
  bool is_done() const override;

 private:
  Crew& crew_;
  std::optional<Schedule> schedule_;  ///< None: nobody lives here.
  Absences absences_;
};

}  // namespace mq_bench
