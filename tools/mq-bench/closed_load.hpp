#pragma once

#include "tools/mq-bench/crew.hpp"

namespace mq_bench {

/// Messages as fast as they are answered: each publisher has a fixed number of them under way.
class ClosedLoad final : public Activity {
 public:
  explicit ClosedLoad(Crew& crew) : crew_(crew) {}

  TimePoint step(TimePoint now) override {
    after_flush(now);
    return mqtt::kNever;
  }
  void after_flush(TimePoint now) override;

 private:
  Crew& crew_;
};

}  // namespace mq_bench
