#include "tools/mq-bench/payload_template.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_time<std::chrono::nanoseconds> kDue{1'795'364'565'123'456'789ns};

PayloadTemplate::Message message(std::uint32_t client, std::uint32_t sequence,
                                 std::uint64_t seed = 1) {
  return {seed, client, sequence, kDue};
}

std::string filled(const std::string& text, const PayloadTemplate::Message& of = message(7, 42)) {
  const auto made = PayloadTemplate::parse(text, "f");
  REQUIRE_MESSAGE(made.has_value(), made.error());
  std::string out;
  made->append_to(out, of);
  return out;
}

std::string error(const std::string& text) {
  const auto made = PayloadTemplate::parse(text, "f");
  return made ? std::string() : made.error();
}

}  // namespace

TEST_CASE("a template's placeholders become client, number, time and what was drawn") {
  CHECK(filled("c${client}-${seq}") == "c7-42");
  CHECK(filled("${time} ${time:iso}") == "1795364565123 2026-11-22T16:22:45.123Z");
  CHECK(filled("${random:5..5} ${random:-2..-2} ${random:1.50..1.5}") == "5 -2 1.50");
  CHECK(filled("${random:-0.05..-0.05}") == "-0.05");
  CHECK(filled("${choice:only}") == "only");
  CHECK(filled("${text:0}|").size() == 1);
  CHECK(filled("${text:100}").size() == 100);
}

TEST_CASE("dollars that begin no placeholder stay") {
  CHECK(filled("5 $ for $x, $$ and $") == "5 $ for $x, $ and $");
  CHECK(filled("$${client}") == "${client}");
}

TEST_CASE("what is drawn stays in its range, reaches its ends, and differs") {
  std::set<std::string> numbers;
  std::set<std::string> words;
  std::set<std::size_t> lengths;
  for (std::uint32_t i = 0; i < 500; ++i) {
    numbers.insert(filled("${random:1.8..2.1}", message(0, i)));
    words.insert(filled("${choice:on|off|}", message(0, i)));
    lengths.insert(filled("${text:2..4}", message(0, i)).size());
  }
  CHECK(numbers == std::set<std::string>{"1.8", "1.9", "2.0", "2.1"});
  CHECK(words == std::set<std::string>{"on", "off", ""});
  CHECK(lengths == std::set<std::size_t>{2, 3, 4});
  CHECK(filled("${text:20}", message(1, 1)) != filled("${text:20}", message(1, 2)));
  CHECK(filled("${text:20}", message(1, 1)) != filled("${text:20}", message(2, 1)));
  const std::string both = filled("${text:20}${text:20}");
  CHECK(both.substr(0, 20) != both.substr(20));
}

TEST_CASE("a seed gives the same texts again") {
  const std::string text = "${random:0..999999999} ${text:1..30} ${choice:a|b|c|d}";
  CHECK(filled(text, message(3, 9)) == filled(text, message(3, 9)));
  CHECK(filled(text, message(3, 9)) != filled(text, message(3, 9, 2)));
}

TEST_CASE("a sensor's JSON is valid JSON") {
  const std::string text =
      filled(R"({"id":"s${client}","n":${seq},"ts":${time},"celsius":${random:18.0..25.5}})");
  CHECK(text.starts_with(R"({"id":"s7","n":42,"ts":1795364565123,"celsius":)"));
  CHECK(text.ends_with("}"));
}

TEST_CASE("a broken placeholder is told with file and line") {
  CHECK(error("a\nb ${client") == "f:2: '${' without its '}'");
  CHECK(error("${clent}").starts_with("f:1: '${clent}' is not a placeholder (client, seq,"));
  CHECK(error("${seq:5}") == "f:1: '${seq:5}' is not a placeholder");
  CHECK(error("\n\n${random:5}") == "f:3: '${random:5}' wants a range: ${random:A..B}");
  CHECK(error("${choice:}") == "f:1: '${choice:}' has nothing to choose from: ${choice:A|B}");
  CHECK(error("") == "f: is empty");
  CHECK(error("${random:9..1}") == "f:1: '${random:9..1}' is an empty range");
  for (const char* wrong :
       {"${random:a..b}", "${random:1..}", "${random:1.0.0..2}",
        "${random:1..99999999999999999999}", "${random:100000000000000000..1.123456789}",
        "${text:}", "${text:-1}", "${text:5..2}", "${text:1000001}", "${text:1.5}", "${}",
        "${random:--1..2}"}) {
    CAPTURE(wrong);
    CHECK(!error(wrong).empty());
  }
}
