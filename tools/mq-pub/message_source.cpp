#include "tools/mq-pub/message_source.hpp"

#include <fmt/format.h>

#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/setters.hpp"

namespace mq_pub {
namespace {

std::vector<mqtt::Bytes> topic_bytes(const Options& options) {
  std::vector<mqtt::Bytes> topics;
  for (const std::string& topic : options.topics) topics.push_back(mqtt::Bytes::copy(topic));
  return topics;
}

}  // namespace

RepeatedMessage::RepeatedMessage(mqtt::net::Loop& loop, const Options& options, mqtt::Bytes payload)
    : topics_(topic_bytes(options)),
      payload_(std::move(payload)),
      delay_(options.repeat_delay),
      pause_(loop.context()),
      rounds_left_(options.repeat) {}

void RepeatedMessage::start(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }

std::optional<MessageSource::Item> RepeatedMessage::next() {
  if (is_paused_ || rounds_left_ == 0) return std::nullopt;
  Item item{topics_[next_topic_], payload_, {}};
  if (++next_topic_ == topics_.size()) end_round();
  return item;
}

void RepeatedMessage::end_round() {
  next_topic_ = 0;
  --rounds_left_;
  is_paused_ = delay_ > mqtt::Duration::zero() && rounds_left_ > 0;
}

void RepeatedMessage::all_delivered() {
  if (!is_paused_) return;
  pause_.expires_after(delay_);
  pause_.async_wait([this](std::error_code error) {
    if (error) return;
    is_paused_ = false;
    on_ready_();
  });
}

std::uint64_t RepeatedMessage::stop() {
  rounds_left_ = 0;
  pause_.cancel();
  return 0;
}

Lines::Lines(mqtt::net::Loop& loop, int descriptor, const Options& options)
    : topics_(topic_bytes(options)),
      separator_(options.topic_separator),
      skip_empty_(options.skip_empty),
      splitter_(options.line_end, kLongestPayload),
      reader_(loop, descriptor, [this](InputReader::Chunk chunk) { on_chunk(std::move(chunk)); }) {}

void Lines::start(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }

std::optional<MessageSource::Item> Lines::next() {
  if (!current_) current_ = next_line();
  if (!current_) {
    is_done_ = is_done_ || is_at_end_;
    if (!is_done_) reader_.request();
    return std::nullopt;
  }
  if (separator_ || !current_->problem.empty()) return std::exchange(current_, std::nullopt);
  Item item{topics_[next_topic_], current_->payload, {}};
  if (++next_topic_ == topics_.size()) {
    next_topic_ = 0;
    current_.reset();
  }
  return item;
}

std::optional<MessageSource::Item> Lines::next_line() {
  if (is_done_) return std::nullopt;
  while (const auto line = splitter_.next()) {
    ++line_number_;
    if (line->is_too_long) {
      return Item{{}, {}, fmt::format("line {}: longer than any payload can be", line_number_)};
    }
    if (line->bytes.empty() && skip_empty_) continue;
    return separator_ ? split_topic(line->bytes) : Item{{}, line->bytes, {}};
  }
  return std::nullopt;
}

MessageSource::Item Lines::split_topic(const mqtt::Bytes& line) const {
  const std::size_t end = line.view().find(*separator_);
  if (end == std::string_view::npos) {
    return {{}, {}, fmt::format("line {}: no separator after a topic", line_number_)};
  }
  const std::string problem = cli::check_topic_name(line.view().substr(0, end));
  if (!problem.empty()) return {{}, {}, fmt::format("line {}: {}", line_number_, problem)};
  return {line.slice(0, end), line.slice(end + separator_->size()), {}};
}

void Lines::on_chunk(InputReader::Chunk chunk) {
  if (!chunk) failure_ = "standard input: " + mqtt::net::error_text(chunk.error());
  if (!chunk || chunk->empty()) {
    is_at_end_ = true;
    splitter_.finish();
  } else {
    splitter_.feed(std::move(*chunk));
  }
  on_ready_();
}

std::uint64_t Lines::stop() {
  reader_.cancel();
  splitter_.finish();
  std::uint64_t left = 0;
  while (current_ || (current_ = next_line())) {
    left += separator_ ? 1 : topics_.size() - next_topic_;
    next_topic_ = 0;
    current_.reset();
  }
  is_done_ = true;
  return left;
}

}  // namespace mq_pub
