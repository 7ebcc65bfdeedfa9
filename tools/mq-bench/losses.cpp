#include "tools/mq-bench/losses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace mq_bench {

void Losses::add(std::uint32_t publisher, Loss loss) {
  if (loss.count == 0) return;
  const auto [place, is_new] = by_publisher_.try_emplace(publisher, loss);
  if (!is_new) {
    place->second.count += loss.count;
    place->second.first = std::min(place->second.first, loss.first);
  }
  if (by_publisher_.size() > kMostPublishers) by_publisher_.erase(std::prev(by_publisher_.end()));
}

void Losses::add(const Losses& others) {
  for (const auto& [publisher, loss] : others.by_publisher_) add(publisher, loss);
}

std::string Losses::first() const {
  if (empty()) return {};
  const auto& [publisher, loss] = *by_publisher_.begin();
  return fmt::format("; first: pub {} seq {}", publisher, loss.first);
}

std::vector<std::string> Losses::lines() const {
  constexpr std::size_t kMostLines = 5;
  std::vector<std::string> lines;
  for (const auto& [publisher, loss] : by_publisher_) {
    if (lines.size() == kMostLines) {
      lines.push_back(fmt::format("and {} more publishers", by_publisher_.size() - kMostLines));
      break;
    }
    lines.push_back(
        fmt::format("publisher {}: {} lost, from seq {} on", publisher, loss.count, loss.first));
  }
  return lines;
}

}  // namespace mq_bench
