#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/mq-bench/options.hpp"
#include "tools/mq-bench/verdict.hpp"

namespace mq_bench {

/// The files that a result is written to, besides the text. They are opened before the run, so that
/// none is made in vain.
class OutputFiles {
 public:
  /// What is wrong with a file, naming its option; empty: all are open.
  std::string open(const Options& options);
  /// One of them is stdout: the text goes to stderr.
  bool use_stdout() const { return use_stdout_; }
  /// False: not all of it could be written.
  bool write(const Result& result, const Verdict& verdict);

 private:
  enum class Format { json, junit, markdown, hdr, html };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Output {
    Format format;
    std::unique_ptr<std::FILE, Close> file;  ///< None: stdout.
  };

  std::vector<Output> outputs_;
  bool use_stdout_ = false;
};

/// False: not all of it could be written.
bool print(std::FILE* file, std::string_view text);

}  // namespace mq_bench
