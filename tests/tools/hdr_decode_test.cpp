#include "tools/mq-bench/hdr_decode.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <chrono>
#include <string>

#include "tools/mq-bench/hdr_log.hpp"
#include "tools/mq-bench/histogram.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string big_endian(std::uint64_t value, int size) {
  std::string text;
  for (int i = size; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string deflated(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size,
           reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  out.resize(size);
  return out;
}

std::string outer(const std::string& body) {
  return big_endian(0x1c849314, 4) + big_endian(body.size(), 4) + body;
}

std::string inner(const std::string& counts, std::uint64_t digits = 3) {
  return big_endian(0x1c849313, 4) + big_endian(counts.size(), 4) + big_endian(0, 4) +
         big_endian(digits, 4) + big_endian(1'000, 8) + big_endian(3'600'000'000'000, 8) +
         big_endian(0x3FF0'0000'0000'0000, 8) + counts;
}

std::string complaint(const std::string& bytes) {
  const auto counters = decode_hdr(bytes);
  return counters ? "none" : counters.error();
}

std::string complaint_about_counts(const std::string& counts) {
  return complaint(outer(deflated(inner(counts))));
}

}  // namespace

TEST_CASE("an HDR histogram that was encoded decodes to the same counters") {
  Histogram histogram;
  for (std::int64_t i = 0; i < 3'000; ++i) histogram.record(Duration(i * i * 397));
  for (int i = 0; i < 100'000; ++i) histogram.record(7ms);
  histogram.record(5h);
  const auto counters = decode_hdr(hdr_bytes(histogram));
  REQUIRE(counters.has_value());
  CHECK(std::vector(histogram.counters().begin(), histogram.counters().end()) == *counters);
  CHECK(decode_hdr(hdr_bytes(Histogram()))->empty());
}

TEST_CASE("every count up to 2^63 - 1 survives") {
  CHECK(decode_hdr(outer(deflated(inner("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s)))) ==
        std::vector<std::uint64_t>{0x7FFF'FFFF'FFFF'FFFF});
}

TEST_CASE("a histogram with a wrong cookie, a wrong length or another range is refused") {
  const std::string body = deflated(inner(""));
  CHECK(complaint("") == "is cut off");
  CHECK(complaint(outer(body).replace(3, 1, "\x13")) ==
        "its cookie is not that of a compressed V2 histogram");
  CHECK(complaint(outer(body) + "x") == "its length is not that of what follows");
  CHECK(complaint(outer(body).substr(0, 30)) == "its length is not that of what follows");
  CHECK(complaint(outer(body).replace(4, 1, "\xFF")) == "its length is negative");
  CHECK(complaint(outer(body.substr(0, body.size() - 2))) == "its zlib stream is broken");
  CHECK(complaint(outer(body + "x")) == "something follows its zlib stream");
  CHECK(complaint(outer(deflated("short"))) == "its header is cut off");
  CHECK(complaint(outer(deflated(inner("").replace(3, 1, "\x14")))) ==
        "its inner cookie is not V2's");
  CHECK(complaint(outer(deflated(inner("").replace(4, 1, "\x80")))) ==
        "its inner length is negative");
  CHECK(complaint(outer(deflated(inner("") + "x"))) ==
        "its inner length is not that of its counts");
  CHECK(complaint(outer(deflated(inner("", 2)))) == "its range or precision is not mq-bench's");
}

TEST_CASE("counts that run past the array or are cut off are refused") {
  CHECK(complaint_about_counts("\x80") == "its last count is cut off");
  CHECK(complaint_about_counts("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF") == "its last count is cut off");
  const auto zeros = [](std::uint64_t count) {
    std::string text;
    std::uint64_t rest = 2 * count - 1;
    for (; rest > 0x7F; rest >>= 7) text += static_cast<char>(rest | 0x80);
    return text + static_cast<char>(rest);
  };
  CHECK(complaint_about_counts(zeros(24'576)) == "none");
  CHECK(complaint_about_counts(zeros(24'577)) == "its counts run past its range");
  CHECK(complaint_about_counts(zeros(24'576) + "\x02") == "its counts run past its range");
  CHECK(complaint_about_counts(std::string(24'577, '\0')) == "its counts run past its range");
  CHECK(complaint_about_counts("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s) ==
        "its counts run past its range");
}

TEST_CASE("a few bytes that unpack to very many take no memory") {
  const std::string bomb = outer(deflated(std::string(100'000'000, '\0')));
  CHECK(bomb.size() < 200'000);
  CHECK(complaint(bomb) == "unpacks to more than a histogram has");
}

TEST_CASE("a histogram is restored only from parts that do not contradict each other") {
  Histogram histogram;
  for (int i = 0; i < 100; ++i) histogram.record(2ms);
  histogram.record(-1ms);
  histogram.record(2h);
  const std::vector<std::uint64_t> counters(histogram.counters().begin(),
                                            histogram.counters().end());
  const Histogram::Summary good{1, 1, histogram.sum(), -1ms, 2h};
  const auto restored = Histogram::restore(counters, good);
  REQUIRE(restored.has_value());
  CHECK(restored->count() == 102);
  CHECK(restored->mean() == histogram.mean());
  CHECK(hdr_bytes(*restored) == hdr_bytes(histogram));
  const auto refuses = [&counters](const Histogram::Summary& summary) {
    return !Histogram::restore(counters, summary).has_value();
  };
  CHECK(refuses({0, 1, good.sum, -1ms, 2h}));
  CHECK(refuses({2, 1, good.sum, -1ms, 2h}));
  CHECK(refuses({1, 0, good.sum, -1ms, 2h}));
  CHECK(refuses({1, 1, good.sum, 1ms, 2h}));
  CHECK(refuses({1, 1, good.sum, -1ms, 1ms}));
  CHECK(refuses({1, 1, 1000 * good.sum, -1ms, 2h}));
  CHECK_FALSE(Histogram::restore({~std::uint64_t{0}, 1}, {}).has_value());
  CHECK(Histogram::restore({}, {})->count() == 0);
}
