#include "tools/mq-pub/message_source.hpp"

#include <fmt/format.h>

#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/json_message.hpp"
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
  Item item{topics_[next_topic_], payload_};
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
      is_json_(options.jsonl),
      is_v5_(options.connection.effective_version() == mqtt::Version::v5_0),
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
  if (is_single()) return std::exchange(current_, std::nullopt);
  const mqtt::Bytes& topic = topics_[next_topic_++];
  const bool is_last = next_topic_ == topics_.size();
  if (is_last) next_topic_ = 0;
  Item item = is_last ? *std::exchange(current_, std::nullopt) : *current_;
  item.topic = topic;
  return item;
}

std::optional<MessageSource::Item> Lines::next_line() {
  if (is_done_) return std::nullopt;
  while (const auto line = splitter_.next()) {
    ++line_number_;
    if (line->is_too_long) return problem("longer than any payload can be");
    if (!line->bytes.empty() || !skip_empty_) return read_line(line->bytes);
  }
  return std::nullopt;
}

MessageSource::Item Lines::read_line(const mqtt::Bytes& line) const {
  if (is_json_) return read_object(line.view());
  return separator_ ? split_topic(line) : Item{{}, line};
}

MessageSource::Item Lines::split_topic(const mqtt::Bytes& line) const {
  const std::size_t end = line.view().find(*separator_);
  if (end == std::string_view::npos) return problem("no separator after a topic");
  const std::string complaint = cli::check_topic_name(line.view().substr(0, end));
  if (!complaint.empty()) return problem(complaint);
  return {line.slice(0, end), line.slice(end + separator_->size())};
}

MessageSource::Item Lines::read_object(std::string_view line) const {
  auto message = cli::parse_json_message(line);
  if (!message) return problem(message.error());
  if (!message->topic && topics_.empty()) return problem("no topic, here or by -t");
  const bool has_properties = !message->properties.empty();
  if (has_properties && !is_v5_) return problem("properties are for MQTT 5.0 (-V 5)");
  Item item{mqtt::Bytes::copy(message->topic.value_or("")), mqtt::Bytes::copy(message->payload)};
  if (message->qos) item.qos = static_cast<mqtt::Qos>(*message->qos);
  item.retain = message->retain;
  if (has_properties) item.properties = std::move(message->properties);
  return item;
}

MessageSource::Item Lines::problem(std::string_view what) const {
  return {{}, {}, fmt::format("line {}: {}", line_number_, what)};
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
    left += is_single() ? 1 : topics_.size() - next_topic_;
    next_topic_ = 0;
    current_.reset();
  }
  is_done_ = true;
  return left;
}

}  // namespace mq_pub
