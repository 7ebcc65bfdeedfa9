#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Where a value stands inside JSON text: dotted, `a.b[1].c`, or a JSON Pointer (RFC 6901),
/// `/a/b/1/c`, for names that hold dots or brackets.
class JsonPath {
 public:
  /// The error is one sentence.
  static std::expected<JsonPath, std::string> parse(std::string_view text);

  /// The value's own text in `json`, which must be JSON; of members of one name the last. Nothing
  /// when there is no such value.
  std::optional<std::string_view> find(std::string_view json) const;

 private:
  struct Step {
    std::optional<std::string> name;   ///< Of a member.
    std::optional<std::size_t> index;  ///< Of an element.
  };
  static std::expected<JsonPath, std::string> parse_pointer(std::string_view text);
  static std::expected<JsonPath, std::string> parse_dotted(std::string_view text);
  static std::optional<std::string_view> find_step(std::string_view json, const Step& step);

  std::vector<Step> steps_;
};

}  // namespace cli
