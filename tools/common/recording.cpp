#include "tools/common/recording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/json_message.hpp"
#include "tools/common/json_reader.hpp"

namespace cli {
namespace {

constexpr std::string_view kHead = "{\"recording\":\"mq-tools\",\"version\":1}\n";
constexpr std::size_t kChunk = 64 * 1024;
/// A message of the largest size in base64, and what stands around it.
constexpr std::size_t kLongestLine = 400'000'000;

std::string error_text(int number) {
  return mqtt::net::error_text({number, std::generic_category()});
}

/// Whether this is a first line; other writers of JSON may set blanks or another order.
bool is_head(std::string_view line) {
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

std::expected<RecordingReader, std::string> RecordingReader::open(const std::string& path) {
  const bool is_stdin = path == "-";
  const int fd = is_stdin ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(fmt::format("{}: {}", path, error_text(errno)));
  RecordingReader reader(fd, is_stdin ? "standard input" : path);
  const auto head = reader.read_line();
  if (!head) return std::unexpected(head.error());
  if (!*head || !is_head(**head)) {
    return std::unexpected(reader.name_ + ":1: this is not a recording of mq-sub --record");
  }
  return reader;
}

RecordingReader::RecordingReader(RecordingReader&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      text_(std::move(other.text_)),
      begin_(other.begin_),
      line_(other.line_),
      error_(other.error_) {}
RecordingReader::~RecordingReader() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

std::expected<std::optional<RecordedMessage>, std::string> RecordingReader::next() {
  const auto line = read_line();
  if (!line) return std::unexpected(line.error());
  if (!*line) return std::nullopt;
  auto read = parse_json_message(**line);
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

std::expected<std::optional<std::string_view>, std::string> RecordingReader::read_line() {
  ++line_;
  text_.erase(0, std::exchange(begin_, 0));
  std::size_t end = text_.find('\n');
  while (end == std::string::npos && text_.size() < kLongestLine) {
    const std::size_t searched = text_.size();
    if (!read_some()) break;
    end = text_.find('\n', searched);
  }
  if (error_ != 0) return std::unexpected(at_line(error_text(error_)));
  if (end == std::string::npos && text_.size() >= kLongestLine) {
    return std::unexpected(at_line("a line that does not end"));
  }
  if (text_.empty()) return std::nullopt;
  begin_ = end == std::string::npos ? text_.size() : end + 1;
  return std::string_view(text_).substr(0, end);
}

bool RecordingReader::read_some() {
  const std::size_t size = text_.size();
  text_.resize(size + kChunk);
  ssize_t count = 0;
  do {
    count = ::read(fd_, text_.data() + size, kChunk);
  } while (count < 0 && errno == EINTR);
  if (count < 0) error_ = errno;
  text_.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
  return count > 0;
}

std::string RecordingReader::at_line(std::string_view what) const {
  return fmt::format("{}:{}: {}", name_, line_, what);
}

}  // namespace cli
