#include "tools/mq-sub/output_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "tools/common/terminal.hpp"
#include "tools/mq-sub/format_parser.hpp"
#include "tools/mq-sub/message_json.hpp"

namespace mq_sub {
namespace {

using Field = FormatStep::Field;
using mqtt::PropertyId;
using mqtt::PropertyView;

/// Appends the steps of one message.
class Renderer {
 public:
  Renderer(std::string& out, const mqtt::Publish& message, const ReceiveTime& time, Escape escape)
      : out_(out), message_(message), time_(time), escape_(escape) {}

  void append(const FormatStep& step) {
    switch (step.field) {
      case Field::literal:
        out_ += step.text;
        break;
      case Field::topic:
        append_text(step, message_.topic.view());
        break;
      case Field::payload:
        append_payload(step);
        break;
      case Field::payload_or_null:
        append_payload_or_null();
        break;
      case Field::lower_hex:
        append_hex(step, "0123456789abcdef");
        break;
      case Field::upper_hex:
        append_hex(step, "0123456789ABCDEF");
        break;
      case Field::length:
        append_number(step, message_.payload.size());
        break;
      case Field::qos:
        append_plain_number(static_cast<unsigned>(message_.qos));
        break;
      case Field::retain:
        append_plain_number(message_.retain ? 1 : 0);
        break;
      case Field::packet_id:
        append_number(step, message_.packet_id);
        break;
      case Field::number_property:
        append_number_property(step);
        break;
      case Field::text_property:
        append_text_property(step);
        break;
      case Field::correlation_data:
        append_correlation_data();
        break;
      case Field::user_properties:
        append_user_properties();
        break;
      case Field::json:
        append_message_json(out_, message_, time_, escape_);
        break;
      case Field::unix_time:
        append_unix_time();
        break;
      case Field::local_time:
        append_local_time(step);
        break;
      case Field::nanoseconds:
        append_nanoseconds();
        break;
    }
  }

 private:
  void append_peers(std::string_view bytes) {
    if (escape_ == Escape::none) {
      out_ += bytes;
    } else {
      cli::append_escaped(out_, bytes);
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
    fmt::format_to(std::back_inserter(out_), "{}.{:09}", time_.seconds, time_.nanoseconds);
  }
  void append_nanoseconds() {
    fmt::format_to(std::back_inserter(out_), "{:09}", time_.nanoseconds);
  }
  void append_local_time(const FormatStep& step) {
    const std::size_t start = out_.size();
    append_strftime(out_, time_, step.text.c_str());
    const std::size_t written = out_.size() - start;
    if (step.precision >= 0) {
      out_.resize(start + std::min(written, static_cast<std::size_t>(step.precision)));
    }
    pad(step, start, ' ');
  }

  std::string& out_;
  const mqtt::Publish& message_;
  const ReceiveTime& time_;
  Escape escape_;
};

bool reads_time(const FormatStep& step) {
  return step.field == Field::json || step.field == Field::unix_time ||
         step.field == Field::local_time || step.field == Field::nanoseconds;
}

}  // namespace

OutputFormat OutputFormat::plain(std::string_view end) {
  return OutputFormat({{.field = Field::payload}}, end, true);
}

OutputFormat OutputFormat::verbose(std::string_view end) {
  return OutputFormat({{.field = Field::topic}, {.text = " "}, {.field = Field::payload_or_null}},
                      end, false);
}

std::expected<OutputFormat, std::string> OutputFormat::parse(std::string_view text,
                                                             std::string_view end) {
  auto steps = parse_format(text);
  if (!steps) return std::unexpected(std::move(steps.error()));
  return OutputFormat(std::move(*steps), end, false);
}

void OutputFormat::append(std::string& out, const mqtt::Publish& message, const ReceiveTime& time,
                          Escape escape) const {
  if (skip_empty_ && message.payload.empty()) return;
  Renderer renderer(out, message, time, escape);
  for (const FormatStep& step : steps_) renderer.append(step);
  out += end_;
}

bool OutputFormat::needs_time() const { return std::ranges::any_of(steps_, reads_time); }

}  // namespace mq_sub
