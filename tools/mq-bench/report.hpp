#pragma once

#include <string>

#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// The summary for people: several lines, each ended by a line feed; the first says whether the run
/// is valid.
std::string render_text(const Result& result, const Verdict& verdict);

/// The same and more as one JSON object of schema "mq-bench/1", on one line.
std::string render_json(const Result& result, const Verdict& verdict);

/// JUnit's XML: a test for each assertion with what was measured, and one for the run itself, which
/// is in error when it is invalid or partial.
std::string render_junit(const Result& result, const Verdict& verdict);

/// GitHub-flavoured Markdown, a section that can be appended to a job summary.
std::string render_markdown(const Result& result, const Verdict& verdict);

/// A page that needs nothing but itself: verdict, charts, tables. What peers and users said is only
/// text in it.
std::string render_html(const Result& result, const Verdict& verdict);

}  // namespace mq_bench
