#include "tools/mq-sub/topic_table.hpp"

#include <algorithm>

namespace mq_sub {
namespace {

/// More of a value than any screen shows of it.
constexpr std::size_t kLongestValue = 1024;

std::vector<std::string_view> levels_of(std::string_view topic) {
  std::vector<std::string_view> levels;
  for (std::size_t end = topic.find('/'); end != std::string_view::npos; end = topic.find('/')) {
    levels.push_back(topic.substr(0, end));
    topic.remove_prefix(end + 1);
  }
  levels.push_back(topic);
  return levels;
}

}  // namespace

bool LevelOrder::operator()(std::string_view a, std::string_view b) const {
  const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
  return std::ranges::lexicographical_compare(a, b, {}, rank, rank);
}

void TopicTable::take(std::string_view topic, std::string_view value, mqtt::TimePoint now) {
  rate_.add(now);
  auto found = rows_.find(topic);
  if (found == rows_.end()) {
    if (rows_.size() == kMost) {
      ++left_out_;
      return;
    }
    found = rows_.emplace(topic, TopicRow()).first;
  }
  TopicRow& row = found->second;
  row.value.assign(value.substr(0, kLongestValue));
  row.rate.add(now);
  if (const auto number = to_number(row.value)) row.numbers.add(*number);
}

std::vector<TableLine> TopicTable::lines() const {
  std::vector<TableLine> lines;
  lines.reserve(rows_.size());
  for (const auto& [topic, row] : rows_) lines.push_back({.label = topic, .row = &row});
  return lines;
}

std::vector<TableLine> TopicTable::tree() const {
  std::vector<TableLine> lines;
  std::vector<std::string_view> last;
  for (const auto& [topic, row] : rows_) {
    const std::vector<std::string_view> levels = levels_of(topic);
    const auto differ = std::ranges::mismatch(levels, last).in1;
    for (auto level = differ; level != levels.end(); ++level) {
      lines.push_back({.depth = static_cast<std::size_t>(level - levels.begin()),
                       .label = *level,
                       .row = level + 1 == levels.end() ? &row : nullptr});
    }
    last = levels;
  }
  return lines;
}

}  // namespace mq_sub
