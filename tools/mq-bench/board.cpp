#include "tools/mq-bench/board.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <utility>

namespace mq_bench {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds(250);
/// As wide as a terminal can show, and longer than most drains.
constexpr std::size_t kRows = 120;

/// What was copied once changes only by growing.
void renew(Metrics& copy, const Metrics& now) {
  const auto copies = copy.all();
  const auto originals = now.all();
  for (std::size_t i = 0; i < copies.size(); ++i) {
    const Histogram& original = originals[i]->histogram;
    if (copies[i]->histogram.count() != original.count()) copies[i]->histogram = original;
  }
}

/// Makes `copy`, of the same run before, what `now` is; of the series the last rows. What is large
/// is put aside meanwhile: the whole series grows with the run, and of all the histograms those of
/// connections and of the warm-up hardly change.
void renew(Result& copy, Result& now) {
  Series series = std::move(now.series);
  std::array<Metrics, 2> current{std::move(now.metrics), std::move(now.warm_metrics)};
  std::array<Metrics, 2> copied{std::move(copy.metrics), std::move(copy.warm_metrics)};
  copy = now;
  now.series = std::move(series);
  copy.series = now.series.tail(kRows);
  for (std::size_t i = 0; i < current.size(); ++i) renew(copied[i], current[i]);
  copy.metrics = std::move(copied[0]);
  copy.warm_metrics = std::move(copied[1]);
  now.metrics = std::move(current[0]);
  now.warm_metrics = std::move(current[1]);
}

}  // namespace

void Board::Sheet::copy(Ledger& ledger, TimePoint now) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;  // Somebody reads: at the next beat, then.
  const SeriesRecorder& recorder = ledger.series();
  // A row is worth showing when it is complete.
  next_ = std::min(now + kInterval, recorder.row_end());
  renew(books_, ledger.result());
  copied_ = now;
  connections_ = ledger.online();
  missing_ = recorder.missing();
  has_origin_ = recorder.has_origin();
}

void Board::describe(Result frame) {
  const std::lock_guard lock(mutex_);
  frame_ = std::move(frame);
  sheets_.clear();
}

Board::Sheet& Board::add_sheet() {
  const std::lock_guard lock(mutex_);
  return *sheets_.emplace_back(std::make_unique<Sheet>());
}

void Board::enter(Phase phase) {
  const std::lock_guard lock(mutex_);
  phase_ = std::move(phase);
}

// A crew that has not begun the load yet still counts its rows from the start of the run: they are
// left out for that moment.
void Board::add_sheets(Snapshot& snapshot, std::int64_t& missing) const {
  const bool has_origin = std::ranges::any_of(sheets_, [](const auto& sheet) {
    const std::lock_guard lock(sheet->mutex_);
    return sheet->has_origin_;
  });
  for (const auto& sheet : sheets_) {
    const std::lock_guard lock(sheet->mutex_);
    add(snapshot.result, sheet->books_);
    snapshot.connections += sheet->connections_;
    snapshot.now = std::min(snapshot.now, sheet->copied_);
    missing += sheet->missing_;
    if (sheet->has_origin_ != has_origin) snapshot.result.series = {};
  }
}

Phase Board::phase() const {
  const std::lock_guard lock(mutex_);
  return phase_;
}

Snapshot Board::read(TimePoint now) const {
  const std::lock_guard lock(mutex_);
  Snapshot snapshot{.result = frame_, .phase = phase_, .now = now};
  std::int64_t missing = 0;
  add_sheets(snapshot, missing);
  Result& result = snapshot.result;
  // The books are as old as the oldest copy.
  const TimePoint start = snapshot.phase.start;
  if (snapshot.is_measuring()) result.measured = std::max(snapshot.now, start) - start;
  snapshot.now = now;
  result.online_at_end = snapshot.connections;

  const Counters& measure = result.measure;
  const Counters& warm = result.warm;
  const std::uint64_t answered = measure.acked + measure.nacked + warm.acked + warm.nacked;
  const std::uint64_t sent = measure.sent + warm.sent;
  if (result.qos > 0 && sent > answered) snapshot.in_flight = sent - answered;

  // What was due a moment ago may still come.
  const std::vector<Series::Row>& rows = result.series.rows;
  const auto recent = static_cast<std::size_t>(
      std::chrono::ceil<std::chrono::seconds>(drain_).count() / result.series.seconds_per_row + 2);
  const auto first = rows.end() - static_cast<std::ptrdiff_t>(std::min(recent, rows.size()));
  missing =
      std::accumulate(first, rows.end(), missing,
                      [](std::int64_t sum, const Series::Row& row) { return sum - row.missing; });
  result.measure.lost = static_cast<std::uint64_t>(std::max<std::int64_t>(missing, 0));
  result.measure.expected = measure.unique + measure.lost;
  result.warm.expected = warm.unique;
  return snapshot;
}

}  // namespace mq_bench
