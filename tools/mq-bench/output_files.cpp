#include "tools/mq-bench/output_files.hpp"

#include <optional>
#include <utility>

#include "tools/mq-bench/hdr_log.hpp"
#include "tools/mq-bench/report.hpp"

namespace mq_bench {

bool print(std::FILE* file, std::string_view text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fflush(file) == 0 && is_written;
}

std::string OutputFiles::open(const Options& options) {
  struct Wish {
    Format format;
    const char* flag;
    const std::optional<std::string>& path;
    const char* mode;
  };
  // A job summary holds what other commands wrote as well: there a section is added.
  const Wish wishes[] = {{Format::json, "--json", options.json_file, "we"},
                         {Format::junit, "--junit", options.junit_file, "we"},
                         {Format::markdown, "--markdown", options.markdown_file, "ae"},
                         {Format::hdr, "--hdr", options.hdr_file, "we"},
                         {Format::html, "--html", options.html_file, "we"}};
  for (const Wish& wish : wishes) {
    if (!wish.path) continue;
    Output output{wish.format, nullptr};
    if (*wish.path != "-") {
      output.file.reset(std::fopen(wish.path->c_str(), wish.mode));
      if (!output.file) return std::string(wish.flag) + ": cannot write " + *wish.path;
    } else if (std::exchange(use_stdout_, true)) {
      return std::string(wish.flag) + ": stdout is taken already";
    }
    outputs_.push_back(std::move(output));
  }
  return {};
}

bool OutputFiles::write(const Result& result, const Verdict& verdict) {
  bool is_written = true;
  for (const Output& output : outputs_) {
    std::string text;
    switch (output.format) {
      case Format::json:
        text = render_json(result, verdict);
        break;
      case Format::junit:
        text = render_junit(result, verdict);
        break;
      case Format::markdown:
        text = render_markdown(result, verdict);
        break;
      case Format::html:
        text = render_html(result, verdict);
        break;
      case Format::hdr:
        text = render_hdr_log(result);
        break;
    }
    is_written = print(output.file ? output.file.get() : stdout, text) && is_written;
  }
  return is_written;
}

}  // namespace mq_bench
