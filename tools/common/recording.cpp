#include "tools/common/recording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "tools/common/json_message.hpp"
#include "tools/common/json_reader.hpp"

namespace cli {
namespace {

constexpr std::string_view kHead = "{\"recording\":\"mq-tools\",\"version\":1}\n";

}  // namespace

std::expected<RecordingWriter, std::error_code> RecordingWriter::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return std::unexpected(std::error_code(errno, std::generic_category()));
  return RecordingWriter(fd);
}

RecordingWriter::RecordingWriter(int fd) : fd_(fd), text_(kHead) {}
RecordingWriter::RecordingWriter(RecordingWriter&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), text_(std::move(other.text_)) {}
RecordingWriter::~RecordingWriter() {
  if (fd_ >= 0) ::close(fd_);
}

void RecordingWriter::add(const mqtt::Publish& message, std::int64_t time_ns) {
  append_json_message(text_, message, time_ns);
  text_ += '\n';
}

std::error_code RecordingWriter::flush() {
  std::size_t written = 0;
  int error = 0;
  while (written < text_.size() && error == 0) {
    const ssize_t count = ::write(fd_, text_.data() + written, text_.size() - written);
    if (count >= 0) {
      written += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  text_.erase(0, written);
  return {error, std::generic_category()};
}

/// Other writers of JSON may set blanks or another order.
bool RecordingParser::is_head(std::string_view line) {
  JsonReader reader(line);
  std::string members;
  for (auto token = reader.next(); token.kind != JsonReader::Kind::end; token = reader.next()) {
    if (token.kind == JsonReader::Kind::error) return false;
    if (token.kind == JsonReader::Kind::name) members += fmt::format("{}=", token.text);
    if (token.kind == JsonReader::Kind::string || token.kind == JsonReader::Kind::number) {
      members += fmt::format("{};", token.text);
    }
  }
  return members == "recording=mq-tools;version=1;" || members == "version=1;recording=mq-tools;";
}

std::expected<std::optional<RecordedMessage>, std::string> RecordingParser::take(
    std::string_view line) {
  ++line_;
  if (!has_head_) return take_head(line);
  auto read = parse_json_message(line);
  if (!read) return std::unexpected(at_line(read.error()));
  if (!read->topic) return std::unexpected(at_line("a message without a topic"));
  if (!read->time_ns) return std::unexpected(at_line("a message without time_ns"));
  RecordedMessage recorded;
  recorded.time_ns = *read->time_ns;
  recorded.message.topic = mqtt::Bytes::copy(*read->topic);
  recorded.message.payload = mqtt::Bytes::copy(read->payload);
  recorded.message.properties = std::move(read->properties);
  recorded.message.qos = static_cast<mqtt::Qos>(read->qos.value_or(0));
  recorded.message.retain = read->retain.value_or(false);
  return recorded;
}

std::expected<std::optional<RecordedMessage>, std::string> RecordingParser::take_head(
    std::string_view line) {
  has_head_ = is_head(line);
  if (!has_head_) return std::unexpected(at_line("this is not a recording of mq-sub --record"));
  return std::nullopt;
}

std::string RecordingParser::at_line(std::string_view what) const {
  return fmt::format("{}:{}: {}", name_, line_, what);
}

}  // namespace cli
