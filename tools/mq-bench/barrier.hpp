#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "libmqtt/client/client.hpp"
#include "libmqtt/net/loop.hpp"
#include "tools/mq-bench/result.hpp"

namespace mq_bench {

/// Lets the shards of a run begin together, by way of a broker that is not the one under test. Each
/// shard says with a retained message that it is ready (ctl/RUN/ready/NUMBER); when all have, the
/// first one says "go" (ctl/RUN/go), and everybody begins so many milliseconds after hearing it. A
/// shard that dies is told of by its will; before the start that ends the waiting.
class Barrier final : private mqtt::client::Client::Handler {
 public:
  /// `connection`: of the control broker.
  Barrier(mqtt::net::Loop& loop, mqtt::client::ClientOptions connection, const std::string& run_id,
          const Shards& shards);

  void start();
  /// This shard is ready; may be said more than once.
  void arrive();
  /// The instant of the start, once it is known.
  std::optional<TimePoint> opens() const { return opens_; }
  /// Why there will be no start; empty while there is hope.
  const std::string& failure() const { return failure_; }
  /// The run is over: the retained message is taken back.
  void leave();

 private:
  void on_event(mqtt::ClientEvent& event) override;
  void on_retry(const mqtt::client::Failure& failure, Duration retry_in) override;
  void on_stopped(const std::optional<mqtt::client::Failure>& failure) override;
  void on_message(const mqtt::Publish& publish);
  void note_shard(std::uint32_t shard, const mqtt::Publish& publish);
  void subscribe();
  void say_ready();
  void publish(const std::string& topic, std::string_view payload, bool is_retained);
  void fail(std::string why);

  mqtt::net::Loop& loop_;
  const std::string prefix_;  ///< "ctl/RUN/"
  const std::uint32_t shard_;
  const std::uint32_t count_;
  mqtt::client::Client client_;
  std::set<std::uint32_t> ready_;
  std::optional<TimePoint> opens_;
  std::string failure_;
  bool is_subscribed_ = false;
  bool has_arrived_ = false;
  bool is_told_ = false;
  bool is_leaving_ = false;
};

}  // namespace mq_bench
