#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "tools/mq-sub/message_rate.hpp"
#include "tools/mq-sub/sparkline.hpp"

namespace mq_sub {

/// What is known of one topic.
struct TopicRow {
  std::string value;  ///< The beginning of the last one, as it is to be shown.
  MessageRate rate;
  Sparkline numbers;
};

/// Orders topics so that all below a level follow it: '/' comes before any other character.
struct LevelOrder {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

/// One line of the screen: a topic, or in a tree a level of topics.
struct TableLine {
  std::size_t depth = 0;
  std::string_view label;         ///< Lives as long as the table.
  const TopicRow* row = nullptr;  ///< None for a level that no message has had as its topic.
};

/// The last message of each topic. Bounded: topics beyond the first 200,000 are only counted.
class TopicTable {
 public:
  static constexpr std::size_t kMost = 200'000;

  /// `value` is the text to show; numbers make a sparkline.
  void take(std::string_view topic, std::string_view value, mqtt::TimePoint now);

  std::size_t size() const { return rows_.size(); }
  /// Messages on topics that found no room.
  std::uint64_t left_out() const { return left_out_; }
  const MessageRate& rate() const { return rate_; }
  /// All lines in order. They stay right as long as size() stays the same.
  std::vector<TableLine> lines() const;
  std::vector<TableLine> tree() const;

 private:
  std::map<std::string, TopicRow, LevelOrder> rows_;
  MessageRate rate_;  ///< Of all together.
  std::uint64_t left_out_ = 0;
};

}  // namespace mq_sub
