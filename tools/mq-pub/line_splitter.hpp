#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "libmqtt/base/bytes.hpp"

namespace mq_pub {

/// Cuts a byte stream, fed in chunks of any size, into lines. A line inside one chunk shares the
/// chunk's memory; what goes on in the next chunk is copied. Never holds more than one line.
class LineSplitter {
 public:
  struct Line {
    mqtt::Bytes bytes;         ///< Without its end; every other byte, NUL included, stays.
    bool is_too_long = false;  ///< Longer than allowed: `bytes` is empty, the line was skipped.
  };

  LineSplitter(char line_end, std::size_t longest) : line_end_(line_end), longest_(longest) {}

  /// The next chunk; only when next() has given nothing.
  void feed(mqtt::Bytes chunk);
  /// There are no more chunks: what stands behind the last line end is a line too, unless empty.
  void finish() { is_finished_ = true; }
  std::optional<Line> next();

 private:
  /// Ends the current line with the chunk's next `size` bytes.
  Line complete(std::size_t size);
  /// Keeps the rest of the chunk for the line that goes on in the next one.
  void carry();

  char line_end_;
  std::size_t longest_;
  mqtt::Bytes chunk_;
  std::size_t position_ = 0;
  std::vector<std::byte> carried_;
  bool is_too_long_ = false;  ///< The current line has passed longest_.
  bool is_finished_ = false;
};

}  // namespace mq_pub
