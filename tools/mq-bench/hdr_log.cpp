#include "tools/mq-bench/hdr_log.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <concepts>
#include <span>

#include "libmqtt/base/base64.hpp"
#include "tools/mq-bench/hdr_format.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

template <std::unsigned_integral T>
void append_big_endian(std::string& out, T value) {
  for (unsigned shift = 8 * sizeof(T); shift > 0; shift -= 8)
    out += static_cast<char>(value >> (shift - 8));
}

void append_number(std::string& out, std::int64_t number) {
  std::uint64_t rest =
      (static_cast<std::uint64_t>(number) << 1) ^ static_cast<std::uint64_t>(number >> 63);
  for (unsigned i = 1; i < hdr::kLongestNumber && rest > 0x7F; ++i, rest >>= 7)
    out += static_cast<char>(rest | 0x80);
  out += static_cast<char>(rest);
}

/// Counts one after the other; a negative number stands for so many zeros.
std::string packed(std::span<const std::uint64_t> counters) {
  std::string out;
  for (auto at = counters.begin(); at != counters.end();) {
    const auto next = std::find_if(at, counters.end(), [](std::uint64_t n) { return n != 0; });
    const std::int64_t zeros = next - at;
    if (zeros > 0) append_number(out, zeros == 1 ? 0 : -zeros);
    if (next == counters.end()) break;
    append_number(out, static_cast<std::int64_t>(*next));
    at = next + 1;
  }
  return out;
}

std::string deflated(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string out(size, '\0');
  [[maybe_unused]] const int status =
      compress(reinterpret_cast<Bytef*>(out.data()), &size,
               reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  assert(status == Z_OK);  // The buffer is as large as the bound says.
  out.resize(size);
  return out;
}

/// What a metric was counted over: messages in their phase, connections in the whole run.
Phase interval_of(const Result& result, const Metric& metric, std::string_view phase) {
  const auto own = std::ranges::find(result.phases, phase, &Phase::name);
  const bool is_of_run = result.mode == Mode::conn || !metric.is_of_messages;
  if (is_of_run || own == result.phases.end())
    return {{}, result.phases.front().start, result.phases.back().end};
  // Nothing is due in the moment that passes until the drain is ordered.
  if (phase == "measure") return {{}, own->start, own->start + result.measured};
  return *own;
}

/// The tags are those that HdrHistogram's own processor selects by: -tag e2e@warmup.
void append_lines(std::string& text, const Result& result, const Metrics& metrics,
                  std::string_view phase) {
  for (const Metric* metric : metrics.all()) {
    const Histogram& histogram = metric->histogram;
    if (histogram.count() == 0 || result.phases.empty()) continue;
    const Phase interval = interval_of(result, *metric, phase);
    fmt::format_to(Out(text), "Tag={}{}{},{:.3f},{:.3f},{:.6f},{}\n", metric->name,
                   phase == "measure" ? "" : "@", phase == "measure" ? "" : phase,
                   in_seconds(interval.start - result.phases.front().start),
                   in_seconds(interval.end - interval.start), in_seconds(histogram.max()) * 1e3,
                   mqtt::to_base64(hdr_bytes(histogram)));
  }
}

}  // namespace

std::string hdr_bytes(const Histogram& histogram) {
  const std::string counts = packed(histogram.counters());
  std::string plain;
  append_big_endian(plain, hdr::kPlainCookie);
  append_big_endian(plain, static_cast<std::uint32_t>(counts.size()));
  append_big_endian(plain, std::uint32_t{0});  // Normalising offset: nothing is shifted.
  append_big_endian(plain, hdr::kDigits);
  append_big_endian(plain, static_cast<std::uint64_t>(Histogram::kLowest.count()));
  append_big_endian(plain, static_cast<std::uint64_t>(Histogram::kHighest.count()));
  append_big_endian(plain, std::bit_cast<std::uint64_t>(1.0));  // Of integers to doubles.
  const std::string body = deflated(plain + counts);
  std::string out;
  append_big_endian(out, hdr::kCompressedCookie);
  append_big_endian(out, static_cast<std::uint32_t>(body.size()));
  return out + body;
}

std::string render_hdr_log(const Result& result) {
  std::string text = fmt::format(
      "#[Written by mq-bench {}; times in seconds since the run began, values in nanoseconds]\n"
      "#[Histogram log format version 1.3]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      MQ_TOOLS_VERSION);
  append_lines(text, result, result.warm_metrics, "warmup");
  append_lines(text, result, result.metrics, "measure");
  return text;
}

}  // namespace mq_bench
