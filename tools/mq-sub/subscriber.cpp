#include "tools/mq-sub/subscriber.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "libmqtt/net/error_text.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/parse.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-sub/exec_outlet.hpp"
#include "tools/mq-sub/output_rows.hpp"
#include "tools/mq-sub/packets.hpp"
#include "tools/mq-sub/rate_outlet.hpp"
#include "tools/mq-sub/screen_outlet.hpp"
#include "tools/mq-sub/text_outlet.hpp"
#include "tools/mq-sub/trace.hpp"

namespace mq_sub {
namespace {

using mqtt::Duration;
using mqtt::ReasonCode;
using mqtt::Seconds;
namespace client_event = mqtt::client_event;
namespace exit_status = cli::exit_status;

/// Reading stops while this much waits to be written, and goes on below the other.
constexpr std::size_t kHoldBackAbove = 1024 * 1024;
constexpr std::size_t kGoOnBelow = 256 * 1024;
/// How long the server may take over the last handshakes before mq-sub ends without them.
constexpr Duration kHandshakeLimit = Seconds(5);
/// When the time of -W is over, what is left to do must not take long either.
constexpr Duration kLateLimit = Seconds(1);
/// Retained messages come right after the SUBACK: after this time without one there are no more.
constexpr Duration kQuiet = Seconds(1);

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// In 3.x a refusal has no reason.
std::string_view refusal(ReasonCode code) {
  return code == ReasonCode::unspecified_error ? "refused by the broker" : mqtt::name(code);
}

template <class Callback>
void start_timer(asio::steady_timer& timer, Duration after, Callback callback) {
  timer.expires_after(after);
  timer.async_wait([callback = std::move(callback)](std::error_code error) {
    if (!error) callback();
  });
}

}  // namespace

Subscriber::Subscriber(mqtt::net::Loop& loop, const Options& options, const cli::Tool& tool,
                       int output)
    : loop_(loop),
      options_(options),
      tool_(tool),
      outlet_(make_outlet(output)),
      random_(std::random_device()()),
      ready_(options.ready_file, options.ready_fd),
      client_(loop, client_options(options), *this),
      timeout_(loop.context()),
      idle_(loop.context()),
      end_limit_(loop.context()) {}

std::unique_ptr<Outlet> Subscriber::make_outlet(int output) {
  Outlet::Handler& self = *this;
  if (options_.message_rate) return std::make_unique<RateOutlet>(loop_, output, self);
  if (!options_.command.empty()) {
    const ExecOutlet::Plan plan{options_.command, options_.jobs, output};
    return std::make_unique<ExecOutlet>(loop_, plan, self);
  }
  if (options_.watch || options_.tree) {
    ScreenOutlet::Plan plan{.format = cli::value_format(options_.print),
                            .title = mqtt::net::to_string(options_.connection.address),
                            .is_tree = options_.tree,
                            .output = output,
                            .input = STDIN_FILENO};
    return std::make_unique<ScreenOutlet>(loop_, std::move(plan), self);
  }
  return std::make_unique<TextOutlet>(loop_, output_format(options_),
                                      cli::output_style(options_.print, output), output, self);
}

int Subscriber::run() {
  if (!prepare()) return exit_status::kFailure;
  if (options_.timeout) {
    start_timer(timeout_, *options_.timeout, [this] { on_timeout(); });
  }
  trace("connecting to " + mqtt::net::to_string(options_.connection.address));
  client_.start();
  loop_.run();
  outlet_.reset();
  const int exit_code = exit_code_ == exit_status::kSuccess ? blemish_ : exit_code_;
  if (exit_code != exit_status::kSuccess && !last_words_.empty()) complain(last_words_);
  return exit_code;
}

/// The files that have to be there before anything is asked of the broker.
bool Subscriber::prepare() {
  if (const std::error_code error = ready_.prepare()) {
    complain(
        fmt::format("--ready-file {}: {}", *options_.ready_file, mqtt::net::error_text(error)));
    return false;
  }
  if (!options_.record) return true;
  auto recording = cli::RecordingWriter::create(*options_.record);
  const std::error_code error = recording ? recording->flush() : recording.error();
  if (error) {
    complain(fmt::format("--record {}: {}", *options_.record, mqtt::net::error_text(error)));
    return false;
  }
  recording_.emplace(std::move(*recording));
  return true;
}

void Subscriber::on_event(mqtt::ClientEvent& event) {
  if (options_.debug) trace(describe(event));
  std::visit([this](auto& happened) { on(happened); }, event);
}

void Subscriber::on(client_event::Connected& event) {
  const mqtt::Connack& connack = event.connack;
  if (mqtt::is_failure(connack.reason_code)) return;
  // 3.1 does not say whether it has kept the session: what was asked for is taken to be.
  const bool is_resumed =
      connack.session_present || (options_.connection.effective_version() == mqtt::Version::v3_1 &&
                                  options_.connection.keep_session);
  acknowledgements_.reconnected(is_resumed);
  if (std::exchange(is_lost_, false)) {
    complain("connected again to " + mqtt::net::to_string(options_.connection.address));
  }
  if (is_finishing_) {
    outlet_->wake();
  } else if (!is_subscribed_ || !connack.session_present) {
    subscribe();
  }
}

void Subscriber::subscribe() {
  const mqtt::TimePoint now = loop_.now();
  awaits_suback_ = !options_.topics.empty();
  awaits_unsuback_ = !options_.unsubscribe.empty() && !is_subscribed_;
  if (awaits_suback_) {
    mqtt::Subscribe packet = subscribe_packet(options_);
    trace(describe(packet));
    client_.session().subscribe(std::move(packet), now);
  }
  if (awaits_unsuback_) {
    mqtt::Unsubscribe packet = unsubscribe_packet(options_);
    trace(describe(packet));
    client_.session().unsubscribe(std::move(packet), now);
  }
  client_.wake();
}

void Subscriber::on(client_event::Subscribed& event) {
  awaits_suback_ = false;
  on_answer("subscribe", options_.topics, event.suback.reason_codes);
}

void Subscriber::on(client_event::Unsubscribed& event) {
  awaits_unsuback_ = false;
  on_answer("unsubscribe", options_.unsubscribe, event.unsuback.reason_codes);
}

void Subscriber::on_answer(std::string_view request, const std::vector<std::string>& filters,
                           const std::vector<ReasonCode>& answers) {
  std::size_t refused = 0;
  for (std::size_t i = 0; i < std::min(filters.size(), answers.size()); ++i) {
    if (!mqtt::is_failure(answers[i])) continue;
    ++refused;
    complain(fmt::format("{} {}: {}", request, cli::quoted(filters[i]), refusal(answers[i])));
  }
  if (refused > 0 && (options_.strict || refused == filters.size())) {
    return finish(cli::exit_code(*std::ranges::find_if(answers, mqtt::is_failure)));
  }
  if (!awaits_suback_ && !awaits_unsuback_ && !std::exchange(is_subscribed_, true)) {
    on_subscribed();
  }
}

void Subscriber::on_subscribed() {
  if (const std::error_code error = ready_.tell()) {
    const std::string what =
        options_.ready_file ? "--ready-file " + *options_.ready_file : "--ready-fd";
    complain(what + ": " + mqtt::net::error_text(error));
    return finish(exit_status::kFailure);
  }
  start_idle_timer();
  outlet_->show("subscribed");
  if (options_.exit_after_subscribing) finish(exit_status::kSuccess);
}

void Subscriber::on(client_event::MessageReceived& event) {
  const mqtt::Publish& message = event.publish;
  if (acknowledgements_.is_repeat(message)) return owe(message);
  // Not acknowledged, so that the server keeps it.
  if (is_finishing_) return;
  if (options_.remove_retained && removal_.is_echo(message)) return owe(message);
  if (options_.retained_only && !message.retain) return finish(exit_status::kSuccess);
  if (idle_limit()) last_received_ = loop_.now();
  if (!is_filtered_out(message)) {
    if (options_.remove_retained && message.retain && !message.payload.empty()) remove(message);
    if (is_wanted(message)) take(message);
  }
  owe(message);
  if (options_.count && received_ >= *options_.count) return finish(exit_status::kSuccess);
  hold_back_if_slow();
}

bool Subscriber::is_filtered_out(const mqtt::Publish& message) const {
  return std::ranges::any_of(options_.filter_out, [&](const std::string& filter) {
    return mqtt::matches(filter, message.topic.view());
  });
}

bool Subscriber::is_wanted(const mqtt::Publish& message) {
  if (options_.hide_retained && message.retain) return false;
  if (!options_.random_filter) return true;
  return std::uniform_real_distribution<double>(0, 100)(random_) < *options_.random_filter;
}

void Subscriber::take(const mqtt::Publish& message) {
  ++received_;
  cli::ReceiveTime time;
  if (recording_ || outlet_->needs_time()) time = cli::receive_time_now();
  if (recording_) recording_->add(message, time.seconds * 1'000'000'000 + time.nanoseconds);
  outlet_->take(message, time);
}

void Subscriber::remove(const mqtt::Publish& message) {
  const std::uint64_t token = client_.session().publish(removal_.request_for(message), loop_.now());
  removal_.sent(token, message.topic);
  client_.wake();
}

void Subscriber::on(client_event::PublishFinished& event) {
  const mqtt::Bytes topic = removal_.finished(event.token);
  if (mqtt::is_failure(event.reason_code)) {
    complain(fmt::format("--remove-retained {}: {}", cli::quoted(topic.view()),
                         mqtt::name(event.reason_code)));
    if (blemish_ == exit_status::kSuccess) blemish_ = cli::exit_code(event.reason_code);
  }
  if (idle_limit()) last_received_ = loop_.now();
  if (is_finishing_) outlet_->wake();
}

void Subscriber::owe(const mqtt::Publish& message) {
  acknowledgements_.owe(message, outlet_->taken());
  outlet_->wake();
}

void Subscriber::hold_back_if_slow() {
  if (holds_back_ || outlet_->pending() < kHoldBackAbove) return;
  holds_back_ = true;
  client_.pause_reading();
}

void Subscriber::on(client_event::MessageReleased&) {
  acknowledgements_.released();
  if (is_finishing_) outlet_->wake();
}

void Subscriber::on_settled() {
  if (save_recording() && client_.is_online()) acknowledge();
  if (holds_back_ && outlet_->pending() < kGoOnBelow) {
    holds_back_ = false;
    client_.resume_reading();
  }
  end_when_settled();
}

/// False when what was received is not in the file, and never will be.
bool Subscriber::save_recording() {
  if (!recording_ || is_recording_broken_) return !is_recording_broken_;
  const std::error_code error = recording_->flush();
  if (!error) return true;
  is_recording_broken_ = true;
  on_trouble(fmt::format("--record {}: {}", *options_.record, mqtt::net::error_text(error)),
             Outlet::Gravity::fatal);
  is_late_ = true;
  return false;
}

void Subscriber::acknowledge() {
  bool is_any_sent = false;
  acknowledgements_.settle(outlet_->settled(), [&](std::uint16_t packet_id, mqtt::Qos qos) {
    if (options_.debug) {
      const bool is_qos1 = qos == mqtt::Qos::at_least_once;
      trace(fmt::format("sending {}, id {}", is_qos1 ? "PUBACK" : "PUBREC", packet_id));
    }
    client_.session().acknowledge(packet_id, ReasonCode::success, loop_.now());
    is_any_sent = true;
  });
  if (is_any_sent) client_.wake();
}

void Subscriber::on_output_ended(std::error_code reason) {
  finish(exit_status::kSuccess);
  if (reason != std::errc::broken_pipe) {
    complain("stdout: " + mqtt::net::error_text(reason));
    exit_code_ = exit_status::kOutput;  // Although the last message wanted may have come.
  }
  // What was not written is not acknowledged.
  is_late_ = true;
  end_when_settled();
}

void Subscriber::on_trouble(std::string_view what, Outlet::Gravity gravity) {
  complain(what);
  if (gravity == Outlet::Gravity::word) return;
  if (blemish_ == exit_status::kSuccess) blemish_ = exit_status::kFailure;
  if (gravity != Outlet::Gravity::fatal) return;
  give_up();
  finish(exit_status::kFailure);
}

void Subscriber::on_signal() {
  if (is_finishing_) return loop_.stop();
  give_up();
  finish(exit_status::kSuccess);
}

void Subscriber::give_up() {
  has_given_up_ = true;
  outlet_->give_up();
}

void Subscriber::on_timeout() {
  if (!is_finishing_ || outlet_->pending() > 0) {
    exit_code_ = options_.ok_on_timeout ? exit_status::kSuccess : exit_status::kTimeout;
    if (!options_.ok_on_timeout) {
      complain(fmt::format("Timed out after {} s: {}", seconds(*options_.timeout), progress()));
    }
  }
  give_up();
  finish(exit_code_);
  limit_end(kLateLimit);
}

std::string Subscriber::progress() const {
  if (!client_.is_online()) {
    return "no connection to " + mqtt::net::to_string(options_.connection.address);
  }
  if (!is_subscribed_) return "no answer to the subscription";
  const std::string of = options_.count ? fmt::format(" of {}", *options_.count) : "";
  return fmt::format("{}{} message{} received", received_, of,
                     of.empty() && received_ == 1 ? "" : "s");
}

std::optional<Duration> Subscriber::idle_limit() const {
  if (options_.idle_timeout) return options_.idle_timeout;
  return ends_when_idle() ? std::optional<Duration>(kQuiet) : std::nullopt;
}

void Subscriber::start_idle_timer() {
  if (!idle_limit()) return;
  last_received_ = loop_.now();
  start_timer(idle_, *idle_limit(), [this] { on_idle_timer(); });
}

/// Arming a timer for each message would cost more than the message: what came meanwhile is looked
/// at when it fires.
void Subscriber::on_idle_timer() {
  const Duration left = last_received_ + *idle_limit() - loop_.now();
  if (left > Duration::zero()) return start_timer(idle_, left, [this] { on_idle_timer(); });
  if (ends_when_idle() || options_.ok_on_timeout) return finish(exit_status::kSuccess);
  complain(fmt::format("Timed out: no message for {} s; {}", seconds(*idle_limit()), progress()));
  finish(exit_status::kTimeout);
}

void Subscriber::finish(int exit_code) {
  // The end itself comes after the flush of this turn.
  outlet_->wake();
  if (std::exchange(is_finishing_, true)) return;
  exit_code_ = exit_code;
  idle_.cancel();
}

void Subscriber::end_when_settled() {
  if (!is_finishing_ || (outlet_->pending() > 0 && !is_late_)) return;
  if (is_stopped_) return loop_.stop();
  if (is_stopping_) return;
  if (has_given_up_ && client_.is_online()) acknowledgements_.give_up();
  const std::size_t removals = client_.session().unfinished();
  if ((!acknowledgements_.is_done() || removals > 0) && !is_late_) {
    return limit_end(kHandshakeLimit);
  }
  if (removals > 0) {
    complain(fmt::format("--remove-retained: {} not acknowledged", removals));
    blemish_ = exit_status::kUndelivered;
  }
  is_stopping_ = true;
  client_.stop();
}

void Subscriber::limit_end(Duration most) {
  const auto end = asio::steady_timer::clock_type::now() + most;
  if (is_end_limited_ && end_limit_.expiry() <= end) return;
  is_end_limited_ = true;
  start_timer(end_limit_, most, [this] {
    is_late_ = true;
    end_when_settled();
  });
}

void Subscriber::on_retry(const mqtt::client::Failure& failure, Duration retry_in) {
  if (std::exchange(is_lost_, true)) return;
  complain(fmt::format("{}; retry in {:.1f} s", failure.text, seconds(retry_in)));
}

void Subscriber::on_stopped(const std::optional<mqtt::client::Failure>& failure) {
  is_stopped_ = true;
  if (!failure || is_finishing_) return finish(exit_code_);
  const bool is_timeout = failure->kind == mqtt::client::Failure::Kind::timeout;
  complain((is_timeout ? "Timed out: " : "") + failure->text);
  finish(cli::exit_code(*failure, options_.connection.effective_version()));
}

void Subscriber::complain(std::string_view what) {
  if (options_.quiet) return;
  if (outlet_ && outlet_->show(what)) {
    last_words_ = what;
  } else {
    cli::complain(tool_, what);
  }
}

void Subscriber::trace(std::string_view what) const {
  if (options_.debug) cli::complain(tool_, what);
}

}  // namespace mq_sub
