#pragma once

#include "tools/mq-bench/audience.hpp"
#include "tools/mq-bench/plan.hpp"

namespace mq_bench {

/// Clients with a will each are cut off all at once, without a DISCONNECT; subscribers are owed
/// every will once. In several shards each is such a load of its own, on topics of its own.
class WillsPlan final : public Plan {
 public:
  WillsPlan(const Options& options, std::string run_id);
  Census census() const override;
  void equip(Role role, std::uint32_t index, mqtt::client::ClientOptions& client) const override;
  std::uint32_t most_crews() const override { return 1; }
  std::unique_ptr<Activity> activity(Crew& crew) const override;

 private:
  /// Of the topics, with %i.
  std::string pattern(std::uint32_t shard) const;

  std::uint16_t run_tag_;
};

class Wills final : public Activity {
 public:
  Wills(Crew& crew, std::string filter);
  TimePoint step(TimePoint now) override;
  bool is_complete() const override { return audience_.is_complete(); }
  std::size_t started() const override { return audience_.started(); }
  void close() override { audience_.stop(); }
  void settle() override {
    if (has_struck_) audience_.settle();
  }

 private:
  void strike();

  Crew& crew_;
  bool has_struck_ = false;
  Audience audience_;
};

}  // namespace mq_bench
