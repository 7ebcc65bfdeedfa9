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

/// Reads a recording, one message at a time.
class RecordingReader {
 public:
  /// "-" is standard input. The error is one line that begins with "FILE:" or "FILE:LINE:".
  static std::expected<RecordingReader, std::string> open(const std::string& path);
  RecordingReader(RecordingReader&& other) noexcept;
  RecordingReader& operator=(RecordingReader&&) = delete;
  ~RecordingReader();

  /// The next message; nothing at the end. The error is one line that begins with "FILE:LINE:"; a
  /// last line without its line feed is one when it is no whole message. One may read on.
  std::expected<std::optional<RecordedMessage>, std::string> next();

 private:
  RecordingReader(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  /// Nothing at the end.
  std::expected<std::optional<std::string_view>, std::string> read_line();
  bool read_some();
  std::string at_line(std::string_view what) const;

  int fd_;
  std::string name_;
  std::string text_;  ///< Read and not used yet, from begin_ on.
  std::size_t begin_ = 0;
  std::size_t line_ = 0;
  int error_ = 0;  ///< errno of a read that failed.
};

}  // namespace cli
