#pragma once

#include <optional>

#include "libmqtt/base/time.hpp"
#include "tools/common/recording.hpp"
#include "tools/mq-pub/message_source.hpp"

namespace mq_pub {

/// The messages of a recording, as far apart as they were received, divided by the speed. When they
/// fall behind, say without a connection, they go out at once until they have caught up.
class Replay final : public MessageSource {
 public:
  Replay(mqtt::net::Loop& loop, cli::RecordingReader recording, const Options& options);
  void start(std::function<void()> on_ready) override;
  std::optional<Item> next() override;
  bool is_done() const override { return is_done_; }
  std::uint64_t stop() override;
  std::string failure() const override { return failure_; }

 private:
  /// The next message of the file to current_; an item when there is a problem instead.
  std::optional<Item> read();
  mqtt::TimePoint due(std::int64_t time_ns);

  mqtt::net::Loop& loop_;
  cli::RecordingReader recording_;
  double speed_;
  bool is_v5_;
  asio::steady_timer pause_;
  std::function<void()> on_ready_;
  std::optional<cli::RecordedMessage> current_;
  std::optional<std::int64_t> first_ns_;
  mqtt::TimePoint begin_{};  ///< When the first message was given.
  std::uint64_t problems_ = 0;
  bool is_done_ = false;
  std::string failure_;
};

}  // namespace mq_pub
