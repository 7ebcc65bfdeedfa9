#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tools/common/parse.hpp"
#include "tools/mq-bench/verdict.hpp"
#include "tools/mq-bench/workload.hpp"

namespace support {

using namespace mq_bench;
using namespace std::chrono_literals;

/// The series counts the same messages as the books do, each in its second.
inline void check_series(const Result& result) {
  const Counters& measure = result.measure;
  const Counters& warm = result.warm;
  Series::Row sum;
  for (const Series::Row& row : result.series.rows) sum.add(row);
  CHECK(sum.sent == measure.sent + warm.sent);
  CHECK(sum.received ==
        measure.unique + warm.unique + measure.duplicates + warm.duplicates + result.late);
  CHECK(sum.missing == static_cast<std::int64_t>(measure.lost + warm.lost));
  if (result.receivers > 0) CHECK(sum.samples() == measure.unique + warm.unique);
}

/// A time that passes only while this process runs: between two looks at it never more than
/// the beat of the run itself. However long the machine lets the test wait, no phase is skipped
/// or cut short.
inline TimePoint patient_time(const mqtt::net::Loop& loop) {
  static std::mutex mutex;  // One time for all threads of a run.
  const std::scoped_lock lock(mutex);
  static TimePoint real;
  static TimePoint shown{1h};
  const TimePoint now = loop.now();
  shown += std::min<mqtt::Duration>(now - std::exchange(real, now), 1ms);
  return shown;
}

/// Whether the generator kept up is not asked: that would depend on how fast the machine is.
inline Verdict verdict_on(const Result& result) { return judge(result, {.allow_limited = true}); }

inline Result run(std::uint16_t port, std::vector<std::string> words) {
  words.insert(words.end(), {"-h", "127.0.0.1", "-p", std::to_string(port)});
  Options options;
  const auto parsed = cli::parse(describe(options), words);
  REQUIRE(parsed.has_value());
  Result result = Workload(options, read_environment(), patient_time).run();
  check_series(result);
  return result;
}

}  // namespace support
