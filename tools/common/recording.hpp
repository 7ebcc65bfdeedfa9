#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "libmqtt/codec/packet.hpp"

namespace cli {

/// A recording is text: a first line `{"recording":"mq-tools","version":1}`, then one JSON object a
/// message in the order they were received (json_message.hpp), each with time_ns, ended by a line
/// feed. So it can be looked at, cut and filtered with everyday tools.
struct RecordedMessage {
  std::int64_t time_ns = 0;  ///< Nanoseconds since 1970, UTC; may go back when a clock was set.
  mqtt::Publish message;     ///< Packet id 0, dup false.
};

/// Writes a new recording. What was added is safe from the end of the process once flush() has
/// returned without an error.
class RecordingWriter {
 public:
  /// Replaces the file; only its owner may read it.
  static std::expected<RecordingWriter, std::error_code> create(const std::string& path);
  RecordingWriter(RecordingWriter&& other) noexcept;
  RecordingWriter& operator=(RecordingWriter&&) = delete;
  ~RecordingWriter();

  void add(const mqtt::Publish& message, std::int64_t time_ns);
  /// What has been added and not been flushed, in bytes.
  std::size_t pending() const { return text_.size(); }
  std::error_code flush();

 private:
  explicit RecordingWriter(int fd);

  int fd_;
  std::string text_;
};

/// Understands a recording, line by line.
class RecordingParser {
 public:
  /// A last line without its line feed is an error when it is no whole message.
  static constexpr std::size_t kLongestLine = 400'000'000;  // The largest message in base64.

  /// `name`: of the file, for errors.
  explicit RecordingParser(std::string name) : name_(std::move(name)) {}

  /// Whether a recording can begin with this line.
  static bool is_head(std::string_view line);
  /// The next line, without its line feed: a message, or nothing for the first line. The error is
  /// one line that begins with "FILE:LINE:"; one may go on with the next line unless has_head() is
  /// false.
  std::expected<std::optional<RecordedMessage>, std::string> take(std::string_view line);
  bool has_head() const { return has_head_; }
  /// "FILE:LINE: what", of the line taken last.
  std::string at_line(std::string_view what) const;

 private:
  std::expected<std::optional<RecordedMessage>, std::string> take_head(std::string_view line);

  std::string name_;
  std::size_t line_ = 0;
  bool has_head_ = false;
};

}  // namespace cli
