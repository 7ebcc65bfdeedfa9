#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/codec/packet.hpp"
#include "tools/common/json_layout.hpp"
#include "tools/common/json_path.hpp"
#include "tools/common/message_json.hpp"
#include "tools/common/receive_time.hpp"

namespace cli {

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
    json_of_json,  ///< The payload as the JSON value that it is.
    base64,
    float4,
    float8,
    member,  ///< One member of a JSON payload.
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

/// What goes for every form of a line.
struct LineForm {
  std::string_view end = "\n";
  std::string_view separator = " ";     ///< Of topic and payload in the verbose form.
  std::optional<JsonPath> member = {};  ///< Stands for the payload in the default and verbose form.
  JsonLayout layout = JsonLayout::compact;
};

/// How what came from a peer is shown.
struct Style {
  Escape escape = Escape::none;
  bool is_colored = false;  ///< Topics.
};

/// How a message becomes text: the default form, the verbose form, or a template in the -F language
/// (`%[-][0][WIDTH][.PREC][SEP]LETTER`, `@CHAR` for strftime, `\CHAR`), read once into a short list
/// of steps. A template's own text is the user's and never escaped; what came from a peer may be.
class OutputFormat {
 public:
  /// The payload and the end mark; nothing at all when the payload is empty.
  static OutputFormat plain(const LineForm& form);
  /// `topic payload`, with `(null)` for an empty payload.
  static OutputFormat verbose(const LineForm& form);
  /// The error is one sentence: "Invalid format specifier 'z'."
  static std::expected<OutputFormat, std::string> parse(std::string_view text,
                                                        const LineForm& form);
  /// No text at all.
  static OutputFormat nothing() { return {{}, {.end = ""}}; }

  /// Appends the message as text, with the end mark. Returns what is wrong with the message, for a
  /// person: a payload that is not what the format asks for. Then nothing is appended, but for a
  /// number that is not one: its place stays empty.
  [[nodiscard]] std::string_view append(std::string& out, const mqtt::Publish& message,
                                        const ReceiveTime& time, Style style) const;
  /// Whether append() looks at the time: reading the clock costs.
  bool needs_time() const;

 private:
  OutputFormat(std::vector<FormatStep> steps, const LineForm& form);

  std::vector<FormatStep> steps_;
  std::string end_;
  std::optional<JsonPath> member_;
  JsonLayout layout_;
  bool skip_empty_ = false;
};

}  // namespace cli
