#include "tools/mq-bench/series_recorder.hpp"

#include <algorithm>
#include <chrono>

namespace mq_bench {

// Messages carry the time they were due in whole microseconds, rounded down: with rows that begin
// at whole ones each is in the row where it was counted when it was sent.
void SeriesRecorder::begin(TimePoint now) {
  origin_ = std::chrono::floor<std::chrono::microseconds>(now);
  series_.rows.emplace_back();
  open_row(now);
}

void SeriesRecorder::set_origin(TimePoint origin) {
  if (series_.rows.empty()) return;
  next_row(origin);
  // The row that the origin falls into ends there.
  has_origin_ = true;
  series_.first = -static_cast<std::int64_t>(series_.rows.size());
  origin_ = std::chrono::floor<std::chrono::microseconds>(origin);
  series_.rows.emplace_back();
  open_row(origin);
}

void SeriesRecorder::flush() {
  if (series_.rows.empty()) return;
  Series::Row recent{.connections = 0, .max = max_};
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) recent.latencies.emplace_back(i, counts_[i]);
  }
  row_->add(recent);
  row_->connections = connections_;
  row_->memory = memory_;
  counts_ = {};
  max_ = {};
}

std::int64_t SeriesRecorder::number_at(TimePoint time) const {
  const std::int64_t second = std::chrono::floor<std::chrono::seconds>(time - origin_).count();
  const std::int64_t width = series_.seconds_per_row;
  return (second - (second < 0 ? width - 1 : 0)) / width;
}

void SeriesRecorder::open_row(TimePoint now) {
  row_ = &series_.rows.back();
  const mqtt::Seconds width(series_.seconds_per_row);
  row_start_ = origin_ + number_at(now) * width;
  row_end_ = row_start_ + width;
}

void SeriesRecorder::next_row(TimePoint now) {
  flush();
  while (number_at(now) - series_.first >= static_cast<std::int64_t>(Series::kMostRows))
    series_.coarsen();
  const auto rows = static_cast<std::size_t>(number_at(now) - series_.first + 1);
  // Seconds that nothing was heard of had the connections and the memory of before.
  series_.rows.resize(std::max(rows, series_.rows.size()),
                      Series::Row{.connections = connections_, .memory = memory_});
  open_row(now);
}

Series::Row& SeriesRecorder::row_at(TimePoint due) {
  if (series_.rows.empty()) return unrecorded_;
  const auto last = static_cast<std::int64_t>(series_.rows.size()) - 1;
  const std::int64_t index = number_at(due) - series_.first;
  return series_.rows[static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, last))];
}

}  // namespace mq_bench
