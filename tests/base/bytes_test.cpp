#include "libmqtt/base/bytes.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace mqtt;

TEST_CASE("a copy owns its bytes") {
  std::string source = "payload";
  const auto bytes = Bytes::copy(source);
  source = "changed";
  CHECK(bytes.view() == "payload");
  CHECK(bytes.size() == 7);
}

TEST_CASE("an empty value holds no block") {
  CHECK(Bytes().data() == nullptr);
  CHECK(Bytes::copy("").data() == nullptr);
  CHECK(Bytes::concat({}).data() == nullptr);
  CHECK(Bytes().empty());
  CHECK(Bytes() == Bytes::copy(""));
}

TEST_CASE("copies and slices share one block, and outlive the first owner") {
  Bytes middle;
  {
    const auto whole = Bytes::copy("0123456789");
    middle = whole;
    CHECK(middle.data() == whole.data());
    middle = middle.slice(2, 3);
    CHECK(middle.data() == whole.data() + 2);
  }
  CHECK(middle.view() == "234");
}

TEST_CASE("a slice is clamped to what is there") {
  const auto bytes = Bytes::copy("abc");
  CHECK(bytes.slice(0).view() == "abc");
  CHECK(bytes.slice(1).view() == "bc");
  CHECK(bytes.slice(1, 99).view() == "bc");
  CHECK(bytes.slice(2, SIZE_MAX).view() == "c");
  CHECK(bytes.slice(3).data() == nullptr);
  CHECK(bytes.slice(99, 1).data() == nullptr);
  CHECK(bytes.slice(1, 0).data() == nullptr);
  CHECK(Bytes().slice(0).empty());
  CHECK(Bytes::copy("abc").slice(1, 1).view() == "b");
  CHECK(Bytes::copy("abc").slice(3).empty());
}

TEST_CASE("parts are put one after the other") {
  CHECK(Bytes::concat({as_bytes("ab"), {}, as_bytes("c")}).view() == "abc");
}

TEST_CASE("moving leaves the source empty") {
  auto first = Bytes::copy("abc");
  const auto second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): what the test is about.
  CHECK(second.view() == "abc");
}

TEST_CASE("assignment replaces, also by itself and by a slice of itself") {
  auto bytes = Bytes::copy("abcdef");
  const auto& same = bytes;
  bytes = same;
  CHECK(bytes.view() == "abcdef");
  bytes = bytes.slice(1, 4);
  CHECK(bytes.view() == "bcde");
  bytes = std::move(bytes).slice(2);
  CHECK(bytes.view() == "de");
  bytes = Bytes();
  CHECK(bytes.empty());
}

TEST_CASE("equality is by content") {
  CHECK(Bytes::copy("abc").slice(1) == Bytes::copy("bc"));
  CHECK(Bytes::copy("abc") != Bytes::copy("abd"));
  CHECK(Bytes::copy("abc") != Bytes::copy("ab"));
}

TEST_CASE("threads may share a block") {
  auto bytes = Bytes::copy("0123456789");
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i) {
    threads.emplace_back([own = bytes, i, &wrong] {
      for (int round = 0; round < 10'000; ++round) {
        const auto part = Bytes(own).slice(i, 2);
        if (part.view() != std::string_view("0123456789").substr(i, 2)) ++wrong;
      }
    });
  }
  bytes = Bytes();
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("zero bytes are bytes") {
  const auto bytes = Bytes::copy(std::string_view("a\0b", 3));
  CHECK(bytes.size() == 3);
  CHECK(bytes.slice(1, 1).view() == std::string_view("\0", 1));
}
