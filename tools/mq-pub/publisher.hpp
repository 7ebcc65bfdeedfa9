#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/client/client.hpp"
#include "libmqtt/net/loop.hpp"
#include "tools/common/option.hpp"
#include "tools/mq-pub/deliveries.hpp"
#include "tools/mq-pub/message_source.hpp"
#include "tools/mq-pub/options.hpp"
#include "tools/mq-pub/reply_printer.hpp"
#include "tools/mq-pub/reply_wait.hpp"

namespace mq_pub {

/// Carries the messages of a source to the broker, sees that each comes to its end, and works out
/// the exit code. Stops the loop when all is over.
///
/// The source is asked for more only while there is room in the queue, so that standard input waits
/// when the broker is slow or gone. Progress, not total time, is what the 30 s bound looks at: it
/// ends a wait in which nothing was acknowledged and nothing could be written.
class Publisher final : private mqtt::client::Client::Handler {
 public:
  Publisher(mqtt::net::Loop& loop, const Options& options, const cli::Tool& tool,
            std::unique_ptr<MessageSource> source);

  void start();
  /// Stops reading, gives messages under way a moment, disconnects; a second call stops at once.
  void on_signal(int number);
  /// Once the loop has stopped.
  int exit_code() const;

 private:
  void on_event(mqtt::ClientEvent& event) override;
  void on_retry(const mqtt::client::Failure& failure, mqtt::Duration retry_in) override;
  void on_cut_off() override;
  void on_stopped(const std::optional<mqtt::client::Failure>& failure) override;
  void on_connected(const mqtt::Connack& connack);
  void on_finished(const mqtt::client_event::PublishFinished& finished);
  void on_subscribed(const mqtt::Suback& suback);
  void on_message(const mqtt::Publish& message);
  void on_reply_printed(std::error_code error);
  void begin();

  /// Publishes what the source has, as far as there is room; ends when there is nothing left to do.
  void pump();
  bool has_room();
  void publish(MessageSource::Item item);
  void settle();
  void finish(int code);
  /// Whether everything undelivered is safe with the source, so that no connection is no failure.
  bool is_kept() const;
  /// Messages that are neither delivered nor kept.
  std::uint64_t lost() const;
  void tell_what_is_kept(const std::optional<mqtt::client::Failure>& failure);

  void arm_deadline(mqtt::Duration duration);
  void arm_stall();
  void on_stall_check();
  bool has_progressed();

  void report(std::string_view text) const;
  void trace(std::string_view text) const;

  mqtt::net::Loop& loop_;
  const Options& options_;
  const cli::Tool& tool_;
  std::unique_ptr<MessageSource> source_;
  mqtt::Publish prototype_;
  std::optional<ReplyWait> reply_;
  std::optional<ReplyPrinter> reply_printer_;
  Deliveries deliveries_;
  asio::steady_timer deadline_;
  asio::steady_timer stall_;
  asio::steady_timer grace_;
  mqtt::client::Client client_;

  std::uint64_t ended_before_ = 0;    ///< deliveries_.ended() and output().consumed() when the
  std::uint64_t written_before_ = 0;  ///< stall timer was armed.
  unsigned fruitless_losses_ = 0;     ///< Connections lost in a row without a message's end.
  std::chrono::steady_clock::time_point asked_at_{};
  bool is_answered_ = false;
  bool was_connected_ = false;
  bool is_retrying_ = false;
  bool has_begun_ = false;
  bool is_stall_armed_ = false;
  bool has_unacknowledged_ = false;  ///< Something was given to the session at QoS 0.
  bool is_ending_ = false;
  std::optional<mqtt::client::Failure> lost_by_;  ///< Why messages were left where they are kept.
  std::optional<int> exit_code_;                  ///< Of what ended the run early.
  std::optional<mqtt::ReasonCode> refusal_;       ///< Of the first message refused.
};

}  // namespace mq_pub
