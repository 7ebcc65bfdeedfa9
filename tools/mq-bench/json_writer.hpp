#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace mq_bench {

/// Writes one JSON value piece by piece; commas come by themselves. Keys are literals. Text that is
/// not UTF-8 is shown with \x escapes, so the output is always JSON.
class JsonWriter {
 public:
  JsonWriter& begin_object(std::string_view key = {}) { return open(key, '{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array(std::string_view key = {}) { return open(key, '['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& member(std::string_view key, std::string_view text);
  JsonWriter& member(std::string_view key, const char* text) {
    return member(key, std::string_view(text));
  }
  JsonWriter& member(std::string_view key, bool value);
  JsonWriter& member(std::string_view key, double value);
  /// Above 2^53, where readers that know only doubles would round, as a string.
  template <std::unsigned_integral T>
  JsonWriter& member(std::string_view key, T value) {
    return number(key, value, false);
  }
  template <std::signed_integral T>
  JsonWriter& member(std::string_view key, T value) {
    return number(key,
                  value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                            : static_cast<std::uint64_t>(value),
                  value < 0);
  }
  JsonWriter& null_member(std::string_view key);
  /// Elements of an array.
  JsonWriter& element(std::string_view text) { return member({}, text); }

  const std::string& text() const { return text_; }

 private:
  JsonWriter& open(std::string_view key, char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& number(std::string_view key, std::uint64_t magnitude, bool is_negative);
  void begin_value(std::string_view key);

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace mq_bench
