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
/// none is made in vain; what was in them stays until there is a result, and a file that was not
/// there goes again when there is none.
class OutputFiles {
 public:
  OutputFiles() = default;
  ~OutputFiles();
  OutputFiles(const OutputFiles&) = delete;
  OutputFiles& operator=(const OutputFiles&) = delete;

  /// What is wrong with a file, naming its option; empty: all are open.
  std::string open(const Options& options);
  /// What is wrong with writing to this file besides, for that option; empty: nothing.
  std::string conflict(std::string_view flag, const std::string& path) const;
  /// One of them is stdout: the text goes to stderr.
  bool use_stdout() const { return use_stdout_; }
  /// What could not be written, the first of it, naming its option; empty: everything could.
  std::string write(const Result& result, const Verdict& verdict);

 private:
  enum class Format { json, junit, markdown, hdr, html };
  struct Wish {
    Format format;
    const char* flag;
    const std::optional<std::string>& path;
  };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Output {
    Format format;
    const char* flag;
    std::string path;
    std::unique_ptr<std::FILE, Close> file;  ///< None: stdout.
    bool is_new = false;                     ///< It was not there.
    bool is_written = false;
  };

  std::string open(const Wish& wish);
  static bool write(Output& output, std::string_view text);

  std::vector<Output> outputs_;
  bool use_stdout_ = false;
};

/// False: not all of it could be written.
bool print(std::FILE* file, std::string_view text);

}  // namespace mq_bench
