#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tools/mq-bench/result.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// What a JSON result holds: every renderer and judge works from it as it did after the run.
struct StoredRun {
  Result result;
  Verdict verdict;
};

/// Reads what render_json() wrote; writing it again gives the same bytes. The text may be anything:
/// the error is one line that names the member at fault.
std::expected<StoredRun, std::string> parse_run(std::string_view text);

/// The same from a file, "-" is stdin; the error begins with the file's name.
std::expected<StoredRun, std::string> read_run(const std::string& path);

}  // namespace mq_bench
