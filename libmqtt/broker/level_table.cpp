#include "libmqtt/broker/level_table.hpp"

namespace mqtt::broker {

LevelTable::Level LevelTable::find(std::string_view text) const { return find(text, hash_(text)); }

LevelTable::Level LevelTable::hold(std::string_view text) {
  const std::uint32_t hash = hash_(text);
  Level level = find(text, hash);
  if (level == kPlus || level == kHash) return level;
  if (level == kNone) {
    level = entries_.add();
    entries_[level].text = text;
    entries_[level].hash = hash;
    index_.insert(hash, level);
  }
  ++entries_[level].holders;
  return level;
}

void LevelTable::release(Level level) {
  if (level == kPlus || level == kHash) return;
  if (--entries_[level].holders > 0) return;
  index_.erase(entries_[level].hash, level);
  entries_.remove(level);
}

LevelTable::Level LevelTable::find(std::string_view text, std::uint32_t hash) const {
  if (text == "+") return kPlus;
  if (text == "#") return kHash;
  return index_.find(hash, [&](Level level) { return entries_[level].text == text; });
}

}  // namespace mqtt::broker
