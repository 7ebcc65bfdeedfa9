#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace mq_bench {

/// Reads what must be a JSON object member by member, and remembers the first thing that is wrong
/// with it: from then on every value is empty or 0, and nobody needs to look before the end. Whole
/// numbers may stand as strings, as JsonWriter writes them above 2^53.
class JsonCursor {
 public:
  /// `complaint` is shared by all cursors of a document: "metrics.e2e.n is missing".
  JsonCursor(const nlohmann::json& value, std::string path, std::string& complaint);

  JsonCursor object(std::string_view name) const;
  bool has(std::string_view name) const;
  std::string text(std::string_view name) const;
  bool flag(std::string_view name) const;
  double real(std::string_view name) const;
  /// Also "inf", which JSON has no number for.
  double real_or_inf(std::string_view name) const;
  std::uint64_t natural(std::string_view name) const;
  std::uint32_t small(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<std::uint32_t> small_numbers(std::string_view name) const;
  std::vector<JsonCursor> objects(std::string_view name) const;
  /// The names of all members.
  std::vector<std::string> names() const;

  /// Something about a member that its type does not tell.
  void complain(std::string_view name, std::string_view what) const;
  bool has_failed() const { return !complaint_->empty(); }

 private:
  const nlohmann::json& member(std::string_view name) const;
  std::string path_to(std::string_view name) const;

  const nlohmann::json* value_;
  std::string path_;
  std::string* complaint_;
};

}  // namespace mq_bench
