#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "libmqtt/client/client.hpp"
#include "libmqtt/net/loop.hpp"
#include "tools/common/recording.hpp"
#include "tools/mq-sub/acknowledgements.hpp"
#include "tools/mq-sub/options.hpp"
#include "tools/mq-sub/outlet.hpp"
#include "tools/mq-sub/ready_notice.hpp"
#include "tools/mq-sub/retained_removal.hpp"

namespace mq_sub {

/// mq-sub at work: subscribes, prints what arrives, and knows when it is time to end. However it
/// ends, what was accepted is printed and acknowledged before DISCONNECT, and nothing else is
/// acknowledged: what follows the last message wanted stays with the server.
class Subscriber final : private mqtt::client::Client::Handler, private Outlet::Handler {
 public:
  /// Prints to the file descriptor `output`. `options` and `tool` must outlive it.
  Subscriber(mqtt::net::Loop& loop, const Options& options, const cli::Tool& tool, int output);

  /// Runs to the end and returns the exit code.
  int run();
  /// The user wants it to end: the first time in good order, the second time at once.
  void on_signal();

 private:
  std::unique_ptr<Outlet> make_outlet(int output);
  bool prepare();

  void on_event(mqtt::ClientEvent& event) override;
  void on_retry(const mqtt::client::Failure& failure, mqtt::Duration retry_in) override;
  void on_stopped(const std::optional<mqtt::client::Failure>& failure) override;
  void on_settled() override;
  void on_output_ended(std::error_code reason) override;
  void on_trouble(std::string_view what, Outlet::Gravity gravity) override;
  void on_quit() override { finish(0); }

  void on(mqtt::client_event::Connected& event);
  void on(mqtt::client_event::Subscribed& event);
  void on(mqtt::client_event::Unsubscribed& event);
  void on(mqtt::client_event::MessageReceived& event);
  void on(mqtt::client_event::MessageReleased& event);
  void on(mqtt::client_event::PublishFinished& event);
  template <class Other>
  void on(Other&) {}  // The client acts on it.

  void subscribe();
  void on_answer(std::string_view request, const std::vector<std::string>& filters,
                 const std::vector<mqtt::ReasonCode>& answers);
  void on_subscribed();
  bool is_filtered_out(const mqtt::Publish& message) const;
  bool is_wanted(const mqtt::Publish& message);
  void take(const mqtt::Publish& message);
  void remove(const mqtt::Publish& message);
  void owe(const mqtt::Publish& message);
  void hold_back_if_slow();
  bool save_recording();
  void acknowledge();

  void on_timeout();
  std::string progress() const;
  bool ends_when_idle() const { return options_.retained_only || options_.remove_retained; }
  std::optional<mqtt::Duration> idle_limit() const;
  void start_idle_timer();
  void on_idle_timer();

  /// Accepts nothing more; ends once everything that is owed has been done.
  void finish(int exit_code);
  void end_when_settled();
  /// The longest that the end may still take.
  void limit_end(mqtt::Duration most);
  void give_up();
  void complain(std::string_view what);
  void trace(std::string_view what) const;

  mqtt::net::Loop& loop_;
  const Options& options_;
  const cli::Tool& tool_;
  std::unique_ptr<Outlet> outlet_;
  std::optional<cli::RecordingWriter> recording_;
  Acknowledgements acknowledgements_;
  RetainedRemoval removal_;
  std::minstd_rand random_;
  ReadyNotice ready_;
  mqtt::client::Client client_;
  asio::steady_timer timeout_;
  asio::steady_timer idle_;
  asio::steady_timer end_limit_;

  std::uint64_t received_ = 0;
  mqtt::TimePoint last_received_{};  ///< Kept when there is a limit to idleness.
  int exit_code_ = 0;
  std::string last_words_;  ///< Of what was said on a screen, that stderr has not got.
  int blemish_ = 0;         ///< The exit code for what failed on the way, if nothing worse does.
  bool is_recording_broken_ = false;
  bool awaits_suback_ = false;
  bool awaits_unsuback_ = false;
  bool is_subscribed_ = false;  ///< Everything asked for has been answered.
  bool is_lost_ = false;        ///< A connection was lost and is not back.
  bool holds_back_ = false;
  bool has_given_up_ = false;  ///< What is not settled will not be acknowledged.
  bool is_finishing_ = false;
  bool is_end_limited_ = false;
  bool is_late_ = false;  ///< The end has taken long enough: nothing is waited for.
  bool is_stopping_ = false;
  bool is_stopped_ = false;
};

}  // namespace mq_sub
