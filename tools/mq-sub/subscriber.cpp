#include "tools/mq-sub/subscriber.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "libmqtt/net/error_text.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/parse.hpp"
#include "tools/common/terminal.hpp"
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
      format_(output_format(options)),
      escape_(!options.raw && cli::is_terminal(output) ? Escape::controls : Escape::none),
      printer_(loop, output, *this),
      ready_(options.ready_file, options.ready_fd),
      client_(loop, client_options(options), *this),
      timeout_(loop.context()),
      idle_(loop.context()),
      end_limit_(loop.context()) {}

int Subscriber::run() {
  if (const std::error_code error = ready_.prepare()) {
    complain(
        fmt::format("--ready-file {}: {}", *options_.ready_file, mqtt::net::error_text(error)));
    return exit_status::kFailure;
  }
  if (options_.timeout) {
    start_timer(timeout_, *options_.timeout, [this] { on_timeout(); });
  }
  trace("connecting to " + mqtt::net::to_string(options_.connection.address));
  client_.start();
  loop_.run();
  return exit_code_;
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
    printer_.wake();
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
  restart_idle_timer();
  if (options_.exit_after_subscribing) finish(exit_status::kSuccess);
}

void Subscriber::on(client_event::MessageReceived& event) {
  const mqtt::Publish& message = event.publish;
  if (acknowledgements_.is_repeat(message)) return owe(message);
  // Not acknowledged, so that the server keeps it.
  if (is_finishing_) return;
  if (options_.retained_only && !message.retain) return finish(exit_status::kSuccess);
  restart_idle_timer();
  if (is_wanted(message)) print(message);
  owe(message);
  if (options_.count && received_ >= *options_.count) return finish(exit_status::kSuccess);
  hold_back_if_slow();
}

bool Subscriber::is_wanted(const mqtt::Publish& message) const {
  if (options_.hide_retained && message.retain) return false;
  return std::ranges::none_of(options_.filter_out, [&](const std::string& filter) {
    return mqtt::matches(filter, message.topic.view());
  });
}

void Subscriber::print(const mqtt::Publish& message) {
  ++received_;
  format_.append(printer_.text(), message,
                 format_.needs_time() ? receive_time_now() : ReceiveTime(), escape_);
}

void Subscriber::owe(const mqtt::Publish& message) {
  acknowledgements_.owe(message, printer_.appended());
  printer_.wake();
}

void Subscriber::hold_back_if_slow() {
  if (holds_back_ || printer_.pending() < kHoldBackAbove) return;
  holds_back_ = true;
  client_.pause_reading();
}

void Subscriber::on(client_event::MessageReleased&) {
  acknowledgements_.released();
  if (is_finishing_) printer_.wake();
}

void Subscriber::on_written() {
  if (client_.is_online()) acknowledge();
  if (holds_back_ && printer_.pending() < kGoOnBelow) {
    holds_back_ = false;
    client_.resume_reading();
  }
  end_when_settled();
}

void Subscriber::acknowledge() {
  bool is_any_sent = false;
  acknowledgements_.settle(printer_.written(), [&](std::uint16_t packet_id, mqtt::Qos qos) {
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

void Subscriber::on_signal() {
  if (is_finishing_) return loop_.stop();
  finish(exit_status::kSuccess);
}

void Subscriber::on_timeout() {
  if (!is_finishing_ || printer_.pending() > 0) {
    exit_code_ = options_.ok_on_timeout ? exit_status::kSuccess : exit_status::kTimeout;
    if (!options_.ok_on_timeout) {
      complain(fmt::format("Timed out after {} s: {}", seconds(*options_.timeout), progress()));
    }
  }
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

void Subscriber::restart_idle_timer() {
  if (!options_.retained_only) return;
  start_timer(idle_, options_.idle_timeout, [this] { finish(exit_status::kSuccess); });
}

void Subscriber::finish(int exit_code) {
  // The end itself comes after the flush of this turn.
  printer_.wake();
  if (std::exchange(is_finishing_, true)) return;
  exit_code_ = exit_code;
  idle_.cancel();
}

void Subscriber::end_when_settled() {
  if (!is_finishing_ || (printer_.pending() > 0 && !is_late_)) return;
  if (is_stopped_) return loop_.stop();
  if (is_stopping_) return;
  if (!acknowledgements_.is_done() && !is_late_) return limit_end(kHandshakeLimit);
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

void Subscriber::complain(std::string_view what) const {
  if (!options_.quiet) cli::complain(tool_, what);
}

void Subscriber::trace(std::string_view what) const {
  if (options_.debug) cli::complain(tool_, what);
}

}  // namespace mq_sub
