#include "tools/mq-bench/json_cursor.hpp"

#include <charconv>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace mq_bench {
namespace {

using nlohmann::json;

const json kNothing;
constexpr std::size_t kLongestName = 80;

template <std::integral T>
std::optional<T> whole_number(const json& value) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    T number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    return is_number ? std::optional(number) : std::nullopt;
  }
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
  }
  if (!value.is_number_integer()) return std::nullopt;
  const auto number = value.get<std::int64_t>();
  return std::in_range<T>(number) ? std::optional(static_cast<T>(number)) : std::nullopt;
}

}  // namespace

JsonCursor::JsonCursor(const json& value, std::string path, std::string& complaint)
    : value_(&value), path_(std::move(path)), complaint_(&complaint) {
  if (value_->is_object()) return;
  if (!has_failed()) *complaint_ = (path_.empty() ? "it" : path_) + " is not an object";
  value_ = &kNothing;
}

/// Names may come from the document and be of any length.
std::string JsonCursor::path_to(std::string_view name) const {
  name = name.substr(0, kLongestName);
  return path_.empty() ? std::string(name) : path_ + '.' + std::string(name);
}

void JsonCursor::complain(std::string_view name, std::string_view what) const {
  if (!has_failed()) *complaint_ = path_to(name) + ' ' + std::string(what);
}

bool JsonCursor::has(std::string_view name) const { return value_->contains(name); }

const json& JsonCursor::member(std::string_view name) const {
  const auto found = value_->find(name);
  if (found != value_->end()) return *found;
  complain(name, "is missing");
  return kNothing;
}

JsonCursor JsonCursor::object(std::string_view name) const {
  return {member(name), path_to(name), *complaint_};
}

std::string JsonCursor::text(std::string_view name) const {
  const json& value = member(name);
  if (value.is_string()) return value.get<std::string>();
  complain(name, "is not a text");
  return {};
}

bool JsonCursor::flag(std::string_view name) const {
  const json& value = member(name);
  if (value.is_boolean()) return value.get<bool>();
  complain(name, "is not true or false");
  return false;
}

double JsonCursor::real(std::string_view name) const {
  const json& value = member(name);
  if (value.is_number()) return value.get<double>();
  complain(name, "is not a number");
  return 0;
}

double JsonCursor::real_or_inf(std::string_view name) const {
  const auto found = value_->find(name);
  const bool is_infinite = found != value_->end() && found->is_string() && *found == "inf";
  return is_infinite ? std::numeric_limits<double>::infinity() : real(name);
}

std::uint64_t JsonCursor::natural(std::string_view name) const {
  const auto number = whole_number<std::uint64_t>(member(name));
  if (!number) complain(name, "is not a whole number from 0");
  return number.value_or(0);
}

std::uint32_t JsonCursor::small(std::string_view name) const {
  const auto number = whole_number<std::uint32_t>(member(name));
  if (!number) complain(name, "is not a whole number from 0 to 4294967295");
  return number.value_or(0);
}

std::int64_t JsonCursor::integer(std::string_view name) const {
  const auto number = whole_number<std::int64_t>(member(name));
  if (!number) complain(name, "is not a whole number");
  return number.value_or(0);
}

std::vector<std::string> JsonCursor::texts(std::string_view name) const {
  std::vector<std::string> texts;
  const json& value = member(name);
  if (!value.is_array()) complain(name, "is not an array");
  if (!value.is_array()) return texts;
  for (const json& element : value) {
    if (!element.is_string()) complain(name, "holds something that is not a text");
    if (element.is_string()) texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::vector<std::uint32_t> JsonCursor::small_numbers(std::string_view name) const {
  std::vector<std::uint32_t> numbers;
  const json& value = member(name);
  if (!value.is_array()) complain(name, "is not an array");
  if (!value.is_array()) return numbers;
  for (const json& element : value) {
    const auto number = whole_number<std::uint32_t>(element);
    if (!number) complain(name, "holds something that is not a whole number");
    numbers.push_back(number.value_or(0));
  }
  return numbers;
}

std::vector<JsonCursor> JsonCursor::objects(std::string_view name) const {
  std::vector<JsonCursor> objects;
  const json& value = member(name);
  if (!value.is_array()) complain(name, "is not an array");
  if (!value.is_array()) return objects;
  for (std::size_t i = 0; i < value.size() && !has_failed(); ++i)
    objects.emplace_back(value[i], path_to(name) + '[' + std::to_string(i) + ']', *complaint_);
  return objects;
}

std::vector<std::string> JsonCursor::names() const {
  std::vector<std::string> names;
  if (!value_->is_object()) return names;
  for (const auto& item : value_->items()) names.push_back(item.key());
  return names;
}

}  // namespace mq_bench
