#include "tools/mq-bench/json_writer.hpp"

#include <fmt/format.h>

#include <cmath>

#include "libmqtt/base/json_string.hpp"

namespace mq_bench {
namespace {
constexpr std::uint64_t kLargestExact = std::uint64_t{1} << 53;
}  // namespace

void JsonWriter::begin_value(std::string_view key) {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
  if (key.empty()) return;
  mqtt::append_json_string(text_, key);
  text_ += ':';
}

JsonWriter& JsonWriter::open(std::string_view key, char bracket) {
  begin_value(key);
  text_ += bracket;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view key, std::string_view text) {
  begin_value(key);
  mqtt::append_json_string(text_, text);
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view key, bool value) {
  begin_value(key);
  text_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view key, double value) {
  if (!std::isfinite(value)) return null_member(key);
  begin_value(key);
  text_ += fmt::format("{}", value);
  return *this;
}

JsonWriter& JsonWriter::null_member(std::string_view key) {
  begin_value(key);
  text_ += "null";
  return *this;
}

JsonWriter& JsonWriter::number(std::string_view key, std::uint64_t magnitude, bool is_negative) {
  begin_value(key);
  const std::string digits = fmt::format("{}{}", is_negative ? "-" : "", magnitude);
  text_ += magnitude > kLargestExact ? '"' + digits + '"' : digits;
  return *this;
}

}  // namespace mq_bench
