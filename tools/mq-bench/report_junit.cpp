#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "tools/mq-bench/markup.hpp"
#include "tools/mq-bench/report.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Out = std::back_insert_iterator<std::string>;

/// One that something happened to is of the kind "failure" or "error"; one that passed may have
/// something to tell all the same.
struct TestCase {
  std::string name;
  std::string_view kind;
  std::string message;
};

void append(std::string& text, const Result& result, const TestCase& test) {
  fmt::format_to(Out(text), "    <testcase classname=\"mq-bench.{}\" name=\"{}\" time=\"{:.3f}\"",
                 name(result.mode), markup(test.name), in_seconds(result.measured));
  if (test.message.empty()) {
    text += "/>\n";
  } else if (test.kind.empty()) {
    fmt::format_to(Out(text), ">\n      <system-out>{}</system-out>\n    </testcase>\n",
                   markup(test.message));
  } else {
    fmt::format_to(Out(text), ">\n      <{} message=\"{}\"/>\n    </testcase>\n", test.kind,
                   markup(test.message));
  }
}

/// What a terminal would have shown, line by line.
void append_text(std::string& text, std::string_view summary) {
  text += "    <system-out>";
  while (!summary.empty()) {
    const std::size_t end = std::min(summary.find('\n'), summary.size() - 1);
    fmt::format_to(Out(text), "{}\n", markup(summary.substr(0, end)));
    summary.remove_prefix(end + 1);
  }
  text += "</system-out>\n";
}

/// Whether there is a result at all that the assertions can be about.
TestCase run_test(const Verdict& verdict) {
  TestCase test{"the run is valid and complete", {}, {}};
  for (const std::string& reason : verdict.invalid_reasons) {
    if (!test.message.empty()) test.message += "; ";
    test.message += reason;
  }
  for (const std::string& reason : verdict.partial_reasons) {
    if (!test.message.empty()) test.message += "; ";
    test.message += "partial: " + reason;
  }
  if (!test.message.empty()) test.kind = "error";
  return test;
}

TestCase assertion_test(const Assertion& assertion) {
  return {assertion.expression, assertion.passed() ? "" : "failure",
          fmt::format("{}: measured {}", assertion.expression, assertion.value)};
}

TestCase row_test(const Comparison::Row& row) {
  return {"baseline: " + row.figure, row.passed() ? "" : "failure",
          fmt::format("{}: {} before, {} now ({}, tolerated {}): {}", row.figure, row.base, row.now,
                      row.change, row.tolerance, name(row.outcome))};
}

/// Whether there is a baseline at all that the figures can be held against.
TestCase comparable_test(const Comparison& baseline) {
  TestCase test{"the baseline is comparable", {}, {}};
  if (baseline.is_comparable()) return test;
  test.kind = "error";
  test.message = fmt::format("{}", fmt::join(baseline.differences, "; "));
  return test;
}

std::vector<TestCase> tests_of(const Verdict& verdict) {
  std::vector<TestCase> tests{run_test(verdict)};
  for (const Assertion& assertion : verdict.assertions) tests.push_back(assertion_test(assertion));
  if (!verdict.baseline) return tests;
  tests.push_back(comparable_test(*verdict.baseline));
  for (const Comparison::Row& row : verdict.baseline->rows) tests.push_back(row_test(row));
  return tests;
}

}  // namespace

std::string render_junit(const Result& result, const Verdict& verdict) {
  const std::vector<TestCase> tests = tests_of(verdict);
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\"", tests.size(),
                  std::ranges::count(tests, "failure", &TestCase::kind),
                  std::ranges::count(tests, "error", &TestCase::kind), in_seconds(result.measured));
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  fmt::format_to(Out(text), "<testsuites {}>\n  <testsuite name=\"mq-bench {}\" {}>\n", counts,
                 name(result.mode), counts);
  for (const TestCase& test : tests) append(text, result, test);
  append_text(text, render_text(result, verdict));
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace mq_bench
