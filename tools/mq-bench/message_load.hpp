#pragma once

#include <optional>

#include "tools/mq-bench/crew.hpp"

namespace mq_bench {

/// Messages by an open-loop schedule: each is offered at its time, whatever became of those before.
class MessageLoad final : public Activity {
 public:
  explicit MessageLoad(Crew& crew);

  TimePoint step(TimePoint now) override;
  bool is_done() const override;

 private:
  TimePoint next_due() const { return schedule_ ? schedule_->next().due : mqtt::kNever; }

  Crew& crew_;
  std::optional<Timetable> schedule_;  ///< None: no publisher lives here.
};

}  // namespace mq_bench
