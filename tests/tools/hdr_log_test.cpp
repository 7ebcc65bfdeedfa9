#include "tools/mq-bench/hdr_log.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <chrono>
#include <string>

#include "libmqtt/base/base64.hpp"
#include "tests/tools/bench_results.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::uint64_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i)
    number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return number;
}

/// What stands behind the outer cookie and length.
std::string inflated(const std::string& bytes) {
  std::string plain(300'000, '\0');
  uLongf size = plain.size();
  const int status = uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()) + 8, bytes.size() - 8);
  REQUIRE(status == Z_OK);
  plain.resize(size);
  return plain;
}

}  // namespace

TEST_CASE("an HDR histogram has both headers of the V2 form, big-endian") {
  Histogram histogram;
  histogram.record(2ms);
  const std::string bytes = hdr_bytes(histogram);
  CHECK(number_at(bytes, 0, 4) == 0x1c849314);
  CHECK(number_at(bytes, 4, 4) == bytes.size() - 8);
  const std::string plain = inflated(bytes);
  CHECK(number_at(plain, 0, 4) == 0x1c849313);
  CHECK(number_at(plain, 4, 4) == plain.size() - 40);
  CHECK(number_at(plain, 8, 4) == 0);
  CHECK(number_at(plain, 12, 4) == 3);
  CHECK(number_at(plain, 16, 8) == 1'000);
  CHECK(number_at(plain, 24, 8) == 3'600'000'000'000);
  CHECK(number_at(plain, 32, 8) == 0x3FF0'0000'0000'0000);  // 1.0
}

TEST_CASE("counts are ZigZag numbers, a run of zeros is one negative number") {
  const auto counts = [](const Histogram& histogram) {
    return inflated(hdr_bytes(histogram)).substr(40);
  };
  Histogram histogram;
  CHECK(counts(histogram).empty());
  for (int i = 0; i < 300; ++i) histogram.record(600ns);  // Counter 1.
  CHECK(counts(histogram) == "\x00\xD8\x04"s);
  histogram.record(0ns);
  CHECK(counts(histogram) == "\x02\xD8\x04"s);
  histogram.record(5 * 512ns);
  CHECK(counts(histogram) == "\x02\xD8\x04\x05\x02"s);
}

TEST_CASE(
    "the HDR log has a tagged line for each metric: start, length, maximum in ms, histogram") {
  Result result = support::good_result();
  const TimePoint start{5s};
  result.phases = {{"connect", start, start + 1s},
                   {"warmup", start + 1s, start + 3s},
                   {"measure", start + 3s, start + 13s}};
  result.metrics.connect_total.histogram.record(3ms);
  result.metrics.tls.histogram.record(3ms);
  result.warm_metrics.e2e.histogram.record(9ms);
  const std::string log = render_hdr_log(result);
  CHECK(log.starts_with("#[Written by mq-bench "));
  CHECK(log.contains("\n#[Histogram log format version 1.3]\n\"StartTimestamp\","));
  CHECK(log.contains("\nTag=e2e,3.000,10.000,2.000000,HISTFAAA"));
  CHECK(log.contains("\nTag=e2e@warmup,1.000,2.000,9.000000,HISTFAAA"));
  CHECK(log.contains("\nTag=connect_total,0.000,13.000,3.000000,HISTFAAA"));
  CHECK(log.contains("\nTag=tls,0.000,13.000,3.000000,HISTFAAA"));
  CHECK_FALSE(log.contains("Tag=suback"));
  CHECK(log.contains("," + mqtt::to_base64(hdr_bytes(result.metrics.e2e.histogram)) + "\n"));
}
