#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/codec/packet.hpp"
#include "tools/mq-sub/message_json.hpp"
#include "tools/mq-sub/receive_time.hpp"

namespace mq_sub {

/// One step of an output format: what to append, and how wide.
struct FormatStep {
  enum class Field : std::uint8_t {
    literal,
    topic,
    payload,
    payload_or_null,
    lower_hex,
    upper_hex,
    length,
    qos,
    retain,
    packet_id,
    number_property,
    text_property,
    correlation_data,
    user_properties,
    json,
    unix_time,
    local_time,
    nanoseconds,
  };
  Field field = Field::literal;
  mqtt::PropertyId property{};  ///< Of number_property and text_property.
  bool left = false;
  bool zeros = false;
  char separator = ' ';
  std::size_t width = 0;  ///< 0: not given.
  int precision = -1;     ///< Negative: not given.
  std::string text = {};  ///< Of a literal; the strftime conversions of local_time.
};

/// How a message becomes text: the default form, the verbose form, or a template in the -F language
/// (`%[-][0][WIDTH][.PREC][SEP]LETTER`, `@CHAR` for strftime, `\CHAR`), read once into a short list
/// of steps. A template's own text is the user's and never escaped; what came from a peer may be.
class OutputFormat {
 public:
  /// The payload and the end mark; nothing at all when the payload is empty.
  static OutputFormat plain(std::string_view end);
  /// `topic payload`, with `(null)` for an empty payload.
  static OutputFormat verbose(std::string_view end);
  /// The error is one sentence: "Invalid format specifier 'z'."
  static std::expected<OutputFormat, std::string> parse(std::string_view text,
                                                        std::string_view end);

  /// Appends the message as text, with the end mark.
  void append(std::string& out, const mqtt::Publish& message, const ReceiveTime& time,
              Escape escape) const;
  /// Whether append() looks at the time: reading the clock costs.
  bool needs_time() const;

 private:
  OutputFormat(std::vector<FormatStep> steps, std::string_view end, bool skip_empty)
      : steps_(std::move(steps)), end_(end), skip_empty_(skip_empty) {}

  std::vector<FormatStep> steps_;
  std::string end_;
  bool skip_empty_ = false;
};

}  // namespace mq_sub
