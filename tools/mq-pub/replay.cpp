#include "tools/mq-pub/replay.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mq_pub {
namespace {

/// A file with so many bad lines is not worth going on with, nor is one that cannot be read on.
constexpr std::uint64_t kMostProblems = 100;
/// What a clock may jump by in a recording without the rest being a matter of years.
constexpr double kLongestGap = 1e9;

}  // namespace

Replay::Replay(mqtt::net::Loop& loop, cli::RecordingReader recording, const Options& options)
    : loop_(loop),
      recording_(std::move(recording)),
      speed_(options.speed),
      is_v5_(options.connection.effective_version() == mqtt::Version::v5_0),
      pause_(loop.context()) {}

void Replay::start(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }

std::optional<MessageSource::Item> Replay::next() {
  if (is_done_) return std::nullopt;
  if (!current_) {
    if (auto problem = read()) return problem;
    if (is_done_) return std::nullopt;
  }
  const mqtt::TimePoint time = due(current_->time_ns);
  if (time > loop_.now()) {
    pause_.expires_after(time - loop_.now());
    pause_.async_wait([this](std::error_code error) {
      if (!error) on_ready_();
    });
    return std::nullopt;
  }
  mqtt::Publish message = std::move(std::exchange(current_, std::nullopt)->message);
  Item item{std::move(message.topic), std::move(message.payload)};
  item.qos = message.qos;
  item.retain = message.retain;
  item.properties = is_v5_ ? std::move(message.properties) : mqtt::Properties{};
  return item;
}

std::optional<MessageSource::Item> Replay::read() {
  auto message = recording_.next();
  if (!message) {
    if (++problems_ == kMostProblems) {
      failure_ = "--replay: too many lines that are wrong";
      is_done_ = true;
    }
    return Item{{}, {}, "--replay: " + message.error()};
  }
  current_ = std::move(*message);
  is_done_ = !current_;
  return std::nullopt;
}

mqtt::TimePoint Replay::due(std::int64_t time_ns) {
  if (!first_ns_) {
    first_ns_ = time_ns;
    begin_ = loop_.now();
  }
  if (speed_ == 0) return begin_;
  const double seconds = (static_cast<double>(time_ns) - static_cast<double>(*first_ns_)) / 1e9;
  const double offset = std::min(seconds / speed_, kLongestGap);
  if (offset <= 0) return begin_;
  return begin_ + std::chrono::duration_cast<mqtt::Duration>(std::chrono::duration<double>(offset));
}

std::uint64_t Replay::stop() {
  pause_.cancel();
  is_done_ = true;
  return std::exchange(current_, std::nullopt) ? 1 : 0;
}

}  // namespace mq_pub
