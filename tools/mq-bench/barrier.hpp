#pragma once

#include <cstdint>
#include <map>
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
/// shard that ends before that says "dead", or its will does; that ends the waiting of the others.
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
  std::string failure() const;
  /// This shard ends. After the start its retained message is taken back; before it the others are
  /// told.
  void leave();
  /// After leave(): what was to be told has been, as far as it can be.
  bool is_gone() const { return is_gone_; }

 private:
  void on_event(mqtt::ClientEvent& event) override;
  void on_retry(const mqtt::client::Failure& failure, Duration retry_in) override;
  void on_stopped(const std::optional<mqtt::client::Failure>& failure) override;
  void on_message(const mqtt::Publish& publish);
  void note_shard(std::uint32_t shard, const mqtt::Publish& publish);
  void subscribe();
  void say_ready();
  void say_goodbye();
  void say(std::string_view state);
  void publish(const std::string& topic, std::string_view payload, bool is_retained);
  void fail(std::string why);

  mqtt::net::Loop& loop_;
  const std::string prefix_;  ///< "ctl/RUN/"
  const std::uint32_t shard_;
  const std::uint32_t count_;
  mqtt::client::Client client_;
  std::set<std::uint32_t> ready_;
  std::map<std::uint32_t, TimePoint> missed_;  ///< Died before we came, at most; since we know.
  std::optional<TimePoint> opens_;
  std::string failure_;
  bool is_subscribed_ = false;
  bool has_arrived_ = false;
  bool is_told_ = false;
  bool is_leaving_ = false;
  bool is_gone_ = false;
};

}  // namespace mq_bench
