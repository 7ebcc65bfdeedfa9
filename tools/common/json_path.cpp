#include "tools/common/json_path.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "tools/common/json_reader.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using Kind = JsonReader::Kind;

/// An array index as RFC 6901 §4 has it: digits without leading zeros.
std::optional<std::size_t> to_index(std::string_view text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  const bool is_whole = end == text.data() + text.size() && !text.empty();
  if (!is_whole || error != std::errc() || (text.size() > 1 && text[0] == '0')) return {};
  return index;
}

std::unexpected<std::string> no_path(std::string_view text) {
  return std::unexpected(fmt::format("{} is not a path (a.b[1].c or /a/b/1/c)", quoted(text)));
}

}  // namespace

std::expected<JsonPath, std::string> JsonPath::parse(std::string_view text) {
  return text.starts_with('/') ? parse_pointer(text) : parse_dotted(text);
}

std::expected<JsonPath, std::string> JsonPath::parse_pointer(std::string_view text) {
  JsonPath path;
  for (std::string_view rest = text; !rest.empty();) {
    rest.remove_prefix(1);
    const std::size_t size = std::min(rest.find('/'), rest.size());
    std::string name;
    for (std::size_t i = 0; i < size; ++i) {
      if (rest[i] != '~') {
        name += rest[i];
        continue;
      }
      if (++i == size || (rest[i] != '0' && rest[i] != '1')) return no_path(text);
      name += rest[i] == '0' ? '~' : '/';
    }
    const auto index = to_index(name);
    path.steps_.push_back({.name = std::move(name), .index = index});
    rest.remove_prefix(size);
  }
  return path;
}

std::expected<JsonPath, std::string> JsonPath::parse_dotted(std::string_view text) {
  JsonPath path;
  std::string_view rest = text;
  do {
    if (!rest.starts_with('[')) {
      const std::size_t size = std::min(rest.find_first_of(".[]"), rest.size());
      if (size == 0) return no_path(text);
      path.steps_.push_back({.name = std::string(rest.substr(0, size)), .index = {}});
      rest.remove_prefix(size);
    }
    while (rest.starts_with('[')) {
      const std::size_t close = rest.find(']');
      if (close == std::string_view::npos) return no_path(text);
      const auto index = to_index(rest.substr(1, close - 1));
      if (!index) return no_path(text);
      path.steps_.push_back({.name = {}, .index = index});
      rest.remove_prefix(close + 1);
    }
    if (rest.empty()) return path;
  } while (rest.starts_with('.') && (rest.remove_prefix(1), !rest.starts_with('[')));
  return no_path(text);
}

std::optional<std::string_view> JsonPath::find(std::string_view json) const {
  std::optional<std::string_view> found = json;
  for (const Step& step : steps_) {
    found = find_step(*found, step);
    if (!found) return found;
  }
  return found;
}

std::optional<std::string_view> JsonPath::find_step(std::string_view json, const Step& step) {
  JsonReader reader(json);
  const auto first = reader.next();
  std::optional<std::string_view> found;
  if (first.kind == Kind::begin_object && step.name) {
    for (auto name = reader.next(); name.kind == Kind::name; name = reader.next()) {
      const std::string_view value = reader.skip(reader.next());
      if (json_string_value(name.text) == *step.name) found = value;
    }
  } else if (first.kind == Kind::begin_array && step.index) {
    std::size_t left = *step.index;
    for (auto element = reader.next(); element.kind != Kind::end_array; element = reader.next()) {
      const std::string_view value = reader.skip(element);
      if (left-- == 0) return value;
    }
  }
  return found;
}

}  // namespace cli
