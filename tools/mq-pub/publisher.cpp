#include "tools/mq-pub/publisher.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>
#include <variant>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/parse.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-pub/publish_packet.hpp"

namespace mq_pub {
namespace {

using mqtt::client::Failure;
namespace event = mqtt::client_event;

constexpr mqtt::Duration kLongestStall = mqtt::Seconds(30);
constexpr mqtt::Duration kGrace = mqtt::Seconds(1);
/// How long the broker may take to close after our DISCONNECT; less when the time was up before.
constexpr mqtt::Duration kLinger = mqtt::Seconds(1);
constexpr mqtt::Duration kShortLinger = std::chrono::milliseconds(100);
/// A message that makes the broker hang up each time is not sent for ever.
constexpr unsigned kMostFruitlessLosses = 3;
/// Payloads may be long: the queue is bounded in bytes, too.
constexpr std::size_t kMostQueuedBytes = 64 * 1024 * 1024;

double seconds(mqtt::Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::string refusal_text(const mqtt::Bytes& topic, const event::PublishFinished& finished) {
  std::string text = fmt::format("{}: not delivered: {}", cli::quoted(topic.view()),
                                 mqtt::name(finished.reason_code));
  if (!finished.reason_string.empty()) {
    text += fmt::format(" ({})", cli::escaped(finished.reason_string.view()));
  }
  return text;
}

/// Messages that come as time goes by: they wait for a connection however long it takes.
bool is_stream(const Options& options) {
  return options.source == Source::lines || options.source == Source::recording;
}

mqtt::client::ClientOptions client_options(const Options& options) {
  mqtt::client::ClientOptions client = cli::client_options(options.connection);
  // Lines that are kept on disk need not wait for a first connection.
  client.retry_first = options.spool && is_stream(options);
  return client;
}

}  // namespace

Publisher::Publisher(mqtt::net::Loop& loop, const Options& options, const cli::Tool& tool,
                     std::unique_ptr<MessageSource> source)
    : loop_(loop),
      options_(options),
      tool_(tool),
      source_(std::move(source)),
      prototype_(publish_prototype(options)),
      deadline_(loop.context()),
      stall_(loop.context()),
      grace_(loop.context()),
      client_(loop, client_options(options), *this) {
  if (!options.reply) return;
  reply_.emplace(options);
  reply_->complete(prototype_);
  reply_printer_.emplace(loop, options.print, STDOUT_FILENO,
                         [this](std::error_code error) { on_reply_printed(error); });
}

void Publisher::start() {
  if (options_.timeout) arm_deadline(*options_.timeout);
  if (source_->keeps()) {
    source_->start([this] { pump(); });
    if (source_->is_done()) {  // Somebody else sends.
      tell_what_is_kept({});
      return asio::post(loop_.context(), [this] { loop_.stop(); });
    }
  }
  client_.start();
}

void Publisher::on_signal(int number) {
  if (exit_code_) return client_.stop();
  exit_code_ = 128 + number;
  deliveries_.reject(source_->stop());
  if (!client_.is_online() || deliveries_.open() == 0) return finish(*exit_code_);
  grace_.expires_after(kGrace);
  grace_.async_wait([this](std::error_code error) {
    if (!error) finish(*exit_code_);
  });
}

int Publisher::exit_code() const {
  if (exit_code_) return *exit_code_;
  if (refusal_) return cli::exit_code(*refusal_);
  return lost() > 0 ? cli::exit_status::kUndelivered : cli::exit_status::kSuccess;
}

void Publisher::on_event(mqtt::ClientEvent& event) {
  if (const auto* connected = std::get_if<event::Connected>(&event)) {
    on_connected(connected->connack);
  } else if (const auto* finished = std::get_if<event::PublishFinished>(&event)) {
    on_finished(*finished);
  } else if (const auto* subscribed = std::get_if<event::Subscribed>(&event)) {
    on_subscribed(subscribed->suback);
  } else if (const auto* received = std::get_if<event::MessageReceived>(&event)) {
    on_message(received->publish);
  }
}

void Publisher::on_connected(const mqtt::Connack& connack) {
  if (mqtt::is_failure(connack.reason_code)) return;  // on_stopped() follows and tells.
  trace(fmt::format("received CONNACK, session present {}", connack.session_present ? 1 : 0));
  is_retrying_ = false;
  if (std::exchange(was_connected_, true)) {
    report("connected again to " + mqtt::net::to_string(options_.connection.address));
  }
  if (!reply_) return begin();
  // Each time: the session, and the subscription with it, may be gone.
  client_.session().subscribe(reply_->subscription(), loop_.now());
  client_.wake();
}

void Publisher::on_subscribed(const mqtt::Suback& suback) {
  if (!reply_ || suback.reason_codes.empty()) return;
  const mqtt::ReasonCode code = suback.reason_codes.front();
  if (!mqtt::is_failure(code)) return begin();
  report(fmt::format("{}: no subscription for the reply: {}", cli::quoted(reply_->topic().view()),
                     mqtt::name(code)));
  finish(cli::exit_code(code));
}

void Publisher::on_message(const mqtt::Publish& message) {
  if (!reply_ || is_answered_ || is_ending_ || !reply_->is_answered_by(message)) return;
  is_answered_ = true;
  std::optional<std::chrono::nanoseconds> latency;
  if (options_.latency) latency = std::chrono::steady_clock::now() - asked_at_;
  const std::string_view problem = reply_printer_->print(message, latency);
  if (problem.empty()) return;
  report(fmt::format("message on {}: {}", cli::quoted(message.topic.view()), problem));
}

void Publisher::on_reply_printed(std::error_code error) {
  if (is_ending_) return;
  const bool is_read = !error || error == std::errc::broken_pipe;
  if (!is_read) report("stdout: " + mqtt::net::error_text(error));
  exit_code_ = is_read ? cli::exit_status::kSuccess : cli::exit_status::kOutput;
  finish(*exit_code_);
}

void Publisher::begin() {
  if (!std::exchange(has_begun_, true)) {
    if (!source_->keeps()) source_->start([this] { pump(); });
    if (reply_ && !options_.timeout) arm_deadline(kLongestStall);
    asked_at_ = std::chrono::steady_clock::now();
    if (!is_stream(options_)) arm_stall();
  }
  pump();
}

void Publisher::on_finished(const event::PublishFinished& finished) {
  const bool is_delivered = !mqtt::is_failure(finished.reason_code);
  const auto message = deliveries_.end(finished.token, is_delivered);
  if (!message) return;
  if (message->ticket) source_->ended(*message->ticket);
  fruitless_losses_ = 0;
  if (!is_delivered) {
    report(refusal_text(message->topic, finished));
    if (!refusal_) refusal_ = finished.reason_code;
  } else if (options_.debug) {
    trace(fmt::format("delivered to {}: {}", cli::quoted(message->topic.view()),
                      mqtt::name(finished.reason_code)));
  }
  if (deliveries_.open() == 0) source_->all_delivered();
  pump();
}

void Publisher::on_retry(const Failure& failure, mqtt::Duration retry_in) {
  is_retrying_ = true;
  if (is_kept()) {
    lost_by_ = failure;
    return finish(cli::exit_status::kUndelivered);
  }
  report(fmt::format("{}; retry in {:.1f} s", failure.text, seconds(retry_in)));
  // Lines wait for better days however long it takes; a single message has nothing to wait for.
  if (is_stream(options_) || ++fruitless_losses_ < kMostFruitlessLosses) return;
  report(fmt::format("the connection was lost {} times while sending", fruitless_losses_));
  finish(cli::exit_status::kConnectionLost);
}

/// What is acknowledged has come to its end; of the rest nobody knows what the broker has read.
void Publisher::on_cut_off() {
  if (!has_unacknowledged_) return;
  report(fmt::format("{}: the connection was reset at the end: messages of QoS 0 may be lost",
                     mqtt::net::to_string(options_.connection.address)));
  if (!exit_code_) exit_code_ = cli::exit_status::kConnectionLost;
}

void Publisher::on_stopped(const std::optional<Failure>& failure) {
  deliveries_.reject(source_->stop());
  const bool is_safe = is_kept() && (!failure || !failure->is_permanent);
  if (failure && !is_safe) {
    const bool is_timeout = failure->kind == Failure::Kind::timeout;
    report((is_timeout ? "Timed out: " : "") + failure->text);
    if (!exit_code_) {
      exit_code_ = cli::exit_code(*failure, options_.connection.effective_version());
    }
  }
  if (source_->keeps()) {
    while (auto item = source_->next()) publish(std::move(*item));  // Nothing but problems now.
    tell_what_is_kept(is_safe && failure ? failure : lost_by_);
  }
  if (is_stream(options_) && was_connected_) {
    report(fmt::format("{} sent, {} lost", deliveries_.sent(), lost()));
  }
  loop_.stop();
}

std::uint64_t Publisher::lost() const {
  return source_->keeps() ? deliveries_.refused() : deliveries_.lost();
}

bool Publisher::is_kept() const { return source_->keeps() && source_->has_all_input(); }

void Publisher::tell_what_is_kept(const std::optional<Failure>& failure) {
  const std::string kept = source_->kept();
  if (kept.empty()) return;
  report(failure ? fmt::format("{}; {}", failure->text, kept) : kept);
}

void Publisher::pump() {
  if (is_ending_) return;
  if (is_retrying_ && is_kept()) return finish(cli::exit_status::kUndelivered);
  if (source_->keeps() && !client_.is_online()) return;
  bool is_any = false;
  while (has_room()) {
    auto item = source_->next();
    if (!item) break;
    is_any = true;
    publish(std::move(*item));
  }
  if (is_any) client_.wake();
  if (source_->is_done()) settle();
}

bool Publisher::has_room() {
  return client_.session().waiting() < options_.maximum_queue &&
         deliveries_.open_bytes() < kMostQueuedBytes;
}

void Publisher::publish(MessageSource::Item item) {
  mqtt::Publish publish = prototype_;
  publish.topic = item.topic;
  publish.payload = std::move(item.payload);
  if (item.qos) publish.qos = *item.qos;
  if (item.retain) publish.retain = *item.retain;
  if (item.properties) publish.properties = std::move(*item.properties);
  if (item.problem.empty() && !fits_a_packet(options_.connection.effective_version(), publish)) {
    item.problem = cli::quoted(item.topic.view()) + ": the message is longer than a packet can be";
  }
  if (!item.problem.empty()) {
    report(item.problem);
    if (item.ticket) source_->ended(*item.ticket);
    return deliveries_.reject(1);
  }
  if (options_.debug) {
    trace(fmt::format("sending PUBLISH, QoS {}, topic {}, {} bytes: {}",
                      static_cast<unsigned>(publish.qos), cli::quoted(item.topic.view()),
                      publish.payload.size(), cli::quoted(publish.payload.view())));
  }
  has_unacknowledged_ = has_unacknowledged_ || publish.qos == mqtt::Qos::at_most_once;
  const std::size_t size = publish.payload.size();
  const std::uint64_t token = client_.session().publish(std::move(publish), loop_.now());
  deliveries_.begin(token, {std::move(item.topic), size, item.ticket});
}

void Publisher::settle() {
  if (std::string failure = source_->failure(); !failure.empty() && !exit_code_) {
    report(failure);
    exit_code_ = cli::exit_status::kFailure;
  }
  // A request that was refused has no reply to come.
  const bool awaits_reply = reply_ && !refusal_ && deliveries_.refused() == 0;
  if (deliveries_.open() == 0 && !awaits_reply) return finish(exit_code());
  if (!is_stall_armed_) arm_stall();
}

void Publisher::finish(int code) {
  if (std::exchange(is_ending_, true)) return;
  if (is_kept()) {  // What is safe was not lost, however long it takes.
    code = deliveries_.refused() > 0 ? exit_code() : cli::exit_status::kSuccess;
  }
  if (code != cli::exit_status::kSuccess && !exit_code_) exit_code_ = code;
  deliveries_.reject(source_->stop());
  const mqtt::Properties properties =
      options_.connection.properties.build(mqtt::PropertyPlace::disconnect);
  if (!properties.empty() && client_.is_online()) {
    client_.session().disconnect(mqtt::ReasonCode::success, properties, loop_.now());
  }
  const bool is_late = code == cli::exit_status::kTimeout;
  client_.stop(mqtt::ReasonCode::success, is_late ? kShortLinger : kLinger);
}

void Publisher::arm_deadline(mqtt::Duration duration) {
  deadline_.expires_after(duration);
  deadline_.async_wait([this, duration](std::error_code error) {
    if (error || is_ending_) return;
    report(fmt::format("Timed out after {} s", seconds(duration)));
    finish(cli::exit_status::kTimeout);
  });
}

void Publisher::arm_stall() {
  if (options_.timeout) return;  // -W bounds everything.
  is_stall_armed_ = true;
  ended_before_ = deliveries_.ended();
  written_before_ = client_.session().output().consumed();
  stall_.expires_after(kLongestStall);
  stall_.async_wait([this](std::error_code error) {
    if (!error && !is_ending_) on_stall_check();
  });
}

void Publisher::on_stall_check() {
  if (deliveries_.open() == 0 || has_progressed()) return arm_stall();
  report(fmt::format("Timed out: no progress for {} s, {} not delivered", seconds(kLongestStall),
                     deliveries_.open()));
  finish(is_stream(options_) ? cli::exit_status::kUndelivered : cli::exit_status::kTimeout);
}

/// Bytes written count only while more of a message waits to be written: keep-alive is no progress.
bool Publisher::has_progressed() {
  const mqtt::Output& output = client_.session().output();
  return deliveries_.ended() != ended_before_ ||
         (!output.empty() && output.consumed() != written_before_);
}

void Publisher::report(std::string_view text) const {
  if (!options_.quiet) cli::complain(tool_, text);
}

void Publisher::trace(std::string_view text) const {
  if (options_.debug) cli::complain(tool_, text);
}

}  // namespace mq_pub
