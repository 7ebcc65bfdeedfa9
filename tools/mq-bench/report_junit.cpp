#include <fmt/format.h>

#include <algorithm>

#include "libmqtt/base/escape.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// For the value of an attribute. What XML cannot hold at all is shown as \x escapes.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : mqtt::escaped(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// A test that something happened to: `kind` is "failure" or "error".
struct TestCase {
  std::string_view name;
  std::string_view kind;
  std::string message;
};

void append(std::string& text, const Result& result, const TestCase& test) {
  fmt::format_to(Out(text), "    <testcase classname=\"mq-bench.{}\" name=\"{}\" time=\"{:.3f}\"",
                 name(result.mode), xml(test.name), in_seconds(result.measured));
  if (test.kind.empty()) {
    text += "/>\n";
  } else {
    fmt::format_to(Out(text), ">\n      <{} message=\"{}\"/>\n    </testcase>\n", test.kind,
                   xml(test.message));
  }
}

/// Whether there is a result at all that the assertions can be about.
TestCase run_test(const Verdict& verdict) {
  TestCase test{"the run is valid and complete", {}, {}};
  for (const std::string& reason : verdict.invalid_reasons) {
    if (!test.message.empty()) test.message += "; ";
    test.message += reason;
  }
  if (verdict.partial) test.message += test.message.empty() ? "partial" : "; partial";
  if (!test.message.empty()) test.kind = "error";
  return test;
}

}  // namespace

std::string render_junit(const Result& result, const Verdict& verdict) {
  const TestCase run = run_test(verdict);
  const auto failures = std::ranges::count(verdict.assertions, false, &Assertion::passed);
  const std::string counts = fmt::format(
      "tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"", verdict.assertions.size() + 1,
      failures, run.kind.empty() ? 0 : 1, in_seconds(result.measured));
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  fmt::format_to(Out(text), "<testsuites {}>\n  <testsuite name=\"mq-bench {}\" {}>\n", counts,
                 name(result.mode), counts);
  append(text, result, run);
  for (const Assertion& assertion : verdict.assertions) {
    const std::string_view kind = assertion.passed() ? "" : "failure";
    append(text, result,
           {assertion.expression, kind,
            fmt::format("{}: measured {}", assertion.expression, assertion.value)});
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace mq_bench
