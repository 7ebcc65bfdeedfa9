#include "tools/common/output_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "libmqtt/base/base64.hpp"
#include "tools/common/format_parser.hpp"
#include "tools/common/json_reader.hpp"
#include "tools/common/message_json.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using Field = FormatStep::Field;
using mqtt::PropertyId;
using mqtt::PropertyView;

constexpr std::string_view kNotJson = "the payload is not JSON";
constexpr std::string_view kNoMember = "the payload has no such member";
constexpr std::string_view kNoFloat = "the payload is no floating-point number of that size";
constexpr std::string_view kTopicColor = "\x1b[36m";
constexpr std::string_view kPlainColor = "\x1b[m";

/// What a message is shown by, apart from the steps.
struct Setting {
  const ReceiveTime& time;
  Style style;
  JsonLayout layout;
  const std::optional<JsonPath>& member;
};

/// Appends the steps of one message.
class Renderer {
 public:
  Renderer(std::string& out, const mqtt::Publish& message, const Setting& setting)
      : out_(out), message_(message), setting_(setting), escape_(setting.style.escape) {}

  /// What is wrong with the message; empty when nothing is.
  std::string_view problem() const { return problem_; }
  /// So wrong that there is no line.
  bool is_unusable() const { return is_unusable_; }

  void append(const FormatStep& step) {
    switch (step.field) {
      case Field::literal:
        return append_literal(step.text);
      case Field::topic:
        return append_topic(step);
      case Field::payload:
        return append_payload(step);
      case Field::payload_or_null:
        return append_payload_or_null();
      case Field::lower_hex:
        return append_hex(step, "0123456789abcdef");
      case Field::upper_hex:
        return append_hex(step, "0123456789ABCDEF");
      case Field::length:
        return append_number(step, message_.payload.size());
      case Field::qos:
        return append_plain_number(static_cast<unsigned>(message_.qos));
      case Field::retain:
        return append_plain_number(message_.retain ? 1 : 0);
      case Field::packet_id:
        return append_number(step, message_.packet_id);
      case Field::number_property:
        return append_number_property(step);
      case Field::text_property:
        return append_text_property(step);
      case Field::correlation_data:
        return append_correlation_data();
      case Field::user_properties:
        return append_user_properties();
      case Field::json:
        return append_json_object(PayloadAs::text);
      case Field::json_of_json:
        return append_json_of_json();
      case Field::base64:
        return append_text(step, mqtt::to_base64(message_.payload.view()));
      case Field::float4:
        return append_float<float>(step);
      case Field::float8:
        return append_float<double>(step);
      case Field::member:
        return append_member();
      case Field::unix_time:
        return append_unix_time();
      case Field::local_time:
        return append_local_time(step);
      case Field::nanoseconds:
        return append_nanoseconds();
    }
  }

 private:
  void append_literal(std::string_view text) { out_ += text; }
  void append_peers(std::string_view bytes) {
    if (escape_ == Escape::none) {
      out_ += bytes;
    } else {
      append_escaped(out_, bytes);
    }
  }

  /// Fills up what was appended since `start` to the step's width.
  void pad(const FormatStep& step, std::size_t start, char filler) {
    const std::size_t written = out_.size() - start;
    if (written >= step.width) return;
    if (step.left) {
      out_.append(step.width - written, ' ');
    } else {
      out_.insert(start, step.width - written, filler);
    }
  }
  static char filler(const FormatStep& step) { return step.zeros ? '0' : ' '; }
  /// With a width no more than that many bytes of the payload are printed.
  std::string_view cut_payload(const FormatStep& step) const {
    const std::string_view payload = message_.payload.view();
    return step.width > 0 ? payload.substr(0, step.width) : payload;
  }

  void append_text(const FormatStep& step, std::string_view text) {
    const std::size_t start = out_.size();
    if (step.precision >= 0) text = text.substr(0, static_cast<std::size_t>(step.precision));
    append_peers(text);
    pad(step, start, ' ');
  }

  void append_topic(const FormatStep& step) {
    if (setting_.style.is_colored) out_ += kTopicColor;
    append_text(step, message_.topic.view());
    if (setting_.style.is_colored) out_ += kPlainColor;
  }

  void append_payload(const FormatStep& step) {
    const std::size_t start = out_.size();
    append_peers(cut_payload(step));
    pad(step, start, filler(step));
  }

  void append_payload_or_null() {
    if (message_.payload.empty()) {
      out_ += "(null)";
    } else {
      append_peers(message_.payload.view());
    }
  }

  void append_hex(const FormatStep& step, std::string_view digits) {
    const std::size_t start = out_.size();
    int nibbles = 0;
    const auto append_nibble = [&](unsigned value) {
      if (step.precision > 0 && nibbles > 0 && nibbles % step.precision == 0)
        out_ += step.separator;
      out_ += digits[value];
      ++nibbles;
    };
    for (const char c : cut_payload(step)) {
      append_nibble(static_cast<unsigned char>(c) >> 4);
      append_nibble(static_cast<unsigned char>(c) & 0x0FU);
    }
    pad(step, start, filler(step));
  }

  /// The payload as a number in the machine's own order of bytes.
  template <class Float>
  void append_float(const FormatStep& step) {
    Float number{};
    if (message_.payload.size() != sizeof(number)) {
      problem_ = kNoFloat;
      return;
    }
    std::memcpy(&number, message_.payload.data(), sizeof(number));
    const int precision = step.precision >= 0 ? step.precision : 6;
    const auto insert = std::back_inserter(out_);
    const auto value = static_cast<double>(number);
    if (step.left) {
      fmt::format_to(insert, "{:<{}.{}f}", value, step.width, precision);
    } else if (step.zeros) {
      fmt::format_to(insert, "{:0{}.{}f}", value, step.width, precision);
    } else {
      fmt::format_to(insert, "{:{}.{}f}", value, step.width, precision);
    }
  }

  void append_json_of_json() {
    const std::string_view payload = message_.payload.view();
    if (!payload.empty() && !is_json(payload)) return refuse(kNotJson);
    append_json_object(PayloadAs::json);
  }
  void append_json_object(PayloadAs payload_as) {
    if (setting_.layout == JsonLayout::compact) {
      return append_message_json(out_, message_, setting_.time, escape_, payload_as);
    }
    std::string line;
    append_message_json(line, message_, setting_.time, escape_, payload_as);
    append_json(out_, line, setting_.layout, escape_);
  }

  void append_member() {
    const std::string_view payload = message_.payload.view();
    if (!is_json(payload)) return refuse(kNotJson);
    const auto value = setting_.member->find(payload);
    if (!value) return refuse(kNoMember);
    if (!value->starts_with('"')) return append_json(out_, *value, setting_.layout, escape_);
    append_peers(json_string_value(value->substr(1, value->size() - 2)));
  }
  void refuse(std::string_view problem) {
    problem_ = problem;
    is_unusable_ = true;
  }

  void append_plain_number(std::uint64_t number) {
    fmt::format_to(std::back_inserter(out_), "{}", number);
  }
  void append_number(const FormatStep& step, std::uint64_t number) {
    const std::size_t start = out_.size();
    append_plain_number(number);
    pad(step, start, filler(step));
  }

  void append_number_property(const FormatStep& step) {
    const std::optional<PropertyView> found = find(step.property);
    if (found) return append_number(step, found->value);
    pad(step, out_.size(), ' ');
  }
  void append_text_property(const FormatStep& step) {
    const std::optional<PropertyView> found = find(step.property);
    // An absent response topic leaves no blanks either: that is what scripts written for
    // mosquitto_sub see.
    if (!found && step.property == PropertyId::response_topic) return;
    append_text(step, found ? found->text : std::string_view());
  }
  void append_correlation_data() {
    if (const auto found = find(PropertyId::correlation_data)) append_peers(found->text);
  }
  void append_user_properties() {
    const char* separator = "";
    message_.properties.for_each([&](const PropertyView& view) {
      if (view.id != PropertyId::user_property) return;
      out_ += std::exchange(separator, " ");
      append_peers(view.text);
      out_ += ':';
      append_peers(view.second);
    });
  }
  /// The first property of this identifier.
  std::optional<PropertyView> find(PropertyId id) const {
    std::optional<PropertyView> found;
    message_.properties.for_each([&](const PropertyView& view) {
      if (view.id == id && !found) found = view;
    });
    return found;
  }

  void append_unix_time() {
    fmt::format_to(std::back_inserter(out_), "{}.{:09}", setting_.time.seconds,
                   setting_.time.nanoseconds);
  }
  void append_nanoseconds() {
    fmt::format_to(std::back_inserter(out_), "{:09}", setting_.time.nanoseconds);
  }
  void append_local_time(const FormatStep& step) {
    const std::size_t start = out_.size();
    append_strftime(out_, setting_.time, step.text.c_str());
    const std::size_t written = out_.size() - start;
    if (step.precision >= 0) {
      out_.resize(start + std::min(written, static_cast<std::size_t>(step.precision)));
    }
    pad(step, start, ' ');
  }

  std::string& out_;
  const mqtt::Publish& message_;
  const Setting& setting_;
  Escape escape_;
  std::string_view problem_;
  bool is_unusable_ = false;
};

bool reads_time(const FormatStep& step) {
  using enum FormatStep::Field;
  return step.field == json || step.field == json_of_json || step.field == unix_time ||
         step.field == local_time || step.field == nanoseconds;
}

}  // namespace

OutputFormat::OutputFormat(std::vector<FormatStep> steps, const LineForm& form)
    : steps_(std::move(steps)), end_(form.end), member_(form.member), layout_(form.layout) {}

OutputFormat OutputFormat::plain(const LineForm& form) {
  if (form.member) return OutputFormat({{.field = Field::member}}, form);
  OutputFormat format({{.field = Field::payload}}, form);
  format.skip_empty_ = true;
  return format;
}

OutputFormat OutputFormat::verbose(const LineForm& form) {
  return OutputFormat({{.field = Field::topic},
                       {.text = std::string(form.separator)},
                       {.field = form.member ? Field::member : Field::payload_or_null}},
                      form);
}

std::expected<OutputFormat, std::string> OutputFormat::parse(std::string_view text,
                                                             const LineForm& form) {
  auto steps = parse_format(text);
  if (!steps) return std::unexpected(std::move(steps.error()));
  return OutputFormat(std::move(*steps), form);
}

std::string_view OutputFormat::append(std::string& out, const mqtt::Publish& message,
                                      const ReceiveTime& time, Style style) const {
  if (skip_empty_ && message.payload.empty()) return {};
  const std::size_t start = out.size();
  const Setting setting{.time = time, .style = style, .layout = layout_, .member = member_};
  Renderer renderer(out, message, setting);
  for (const FormatStep& step : steps_) renderer.append(step);
  if (renderer.is_unusable()) {
    out.resize(start);
  } else {
    out += end_;
  }
  return renderer.problem();
}

bool OutputFormat::needs_time() const { return std::ranges::any_of(steps_, reads_time); }

}  // namespace cli
