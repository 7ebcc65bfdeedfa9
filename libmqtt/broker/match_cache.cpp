#include "libmqtt/broker/match_cache.hpp"

#include <utility>

namespace mqtt::broker {

const MatchList* MatchCache::find(std::string_view topic, std::uint32_t hash) {
  const std::uint32_t position = index_of(topic, hash);
  if (position == SlotTable::kNone) return nullptr;
  Entry& entry = entries_[position];
  if (entry.version != version_) return nullptr;
  entry.used = true;
  return &entry.list;
}

void MatchCache::store(std::string_view topic, std::uint32_t hash, const MatchList& list) {
  forget(topic, hash);
  const std::size_t bytes = bytes_of(topic, list);
  if (bytes > kMostBytesOfOne) return;
  make_room(bytes);
  index_.insert(hash, static_cast<std::uint32_t>(entries_.size()));
  entries_.push_back({std::string(topic), list, version_, hash, false});
  bytes_ += bytes;
}

void MatchCache::forget(std::string_view topic, std::uint32_t hash) {
  const std::uint32_t position = index_of(topic, hash);
  if (position != SlotTable::kNone) remove(position);
}

void MatchCache::clear() {
  entries_ = std::vector<Entry>();
  index_.clear();
  hand_ = 0;
  bytes_ = 0;
}

/// What an entry takes with its share of the tables; the copies that are kept have no spare room.
std::size_t MatchCache::bytes_of(std::string_view topic, const MatchList& list) {
  return sizeof(Entry) + 2 * sizeof(std::uint64_t) + topic.size() +
         list.matches.size() * sizeof(Match) + list.groups.size() * sizeof(void*);
}

std::uint32_t MatchCache::index_of(std::string_view topic, std::uint32_t hash) const {
  return index_.find(hash,
                     [&](std::uint32_t position) { return entries_[position].topic == topic; });
}

void MatchCache::make_room(std::size_t bytes) {
  while (entries_.size() >= kMostTopics || (bytes_ + bytes > kMostBytes && !entries_.empty())) {
    if (hand_ >= entries_.size()) hand_ = 0;
    Entry& entry = entries_[hand_];
    if (entry.used && entry.version == version_) {
      entry.used = false;
    } else {
      remove(static_cast<std::uint32_t>(hand_));
    }
    ++hand_;  // Also past what took the place: it is the newest.
  }
}

void MatchCache::remove(std::uint32_t position) {
  const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
  bytes_ -= bytes_of(entries_[position].topic, entries_[position].list);
  index_.erase(entries_[position].hash, position);
  if (position != last) {
    index_.renumber(entries_[last].hash, last, position);
    entries_[position] = std::move(entries_[last]);
  }
  entries_.pop_back();
}

}  // namespace mqtt::broker
