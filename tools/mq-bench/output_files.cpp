#include "tools/mq-bench/output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "tools/mq-bench/hdr_log.hpp"
#include "tools/mq-bench/report.hpp"

namespace mq_bench {

bool print(std::FILE* file, std::string_view text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fflush(file) == 0 && is_written;
}

OutputFiles::~OutputFiles() {
  for (const Output& output : outputs_) {
    if (output.is_new && !output.is_written) ::unlink(output.path.c_str());
  }
}

std::string OutputFiles::open(const Options& options) {
  const Wish wishes[] = {{Format::json, "-o", options.merged_file},
                         {Format::json, "--json", options.json_file},
                         {Format::junit, "--junit", options.junit_file},
                         {Format::markdown, "--markdown", options.markdown_file},
                         {Format::hdr, "--hdr", options.hdr_file},
                         {Format::html, "--html", options.html_file}};
  for (const Wish& wish : wishes) {
    if (!wish.path) continue;
    if (std::string complaint = open(wish); !complaint.empty()) return complaint;
  }
  return {};
}

std::string OutputFiles::open(const Wish& wish) {
  Output output{.format = wish.format, .flag = wish.flag, .path = *wish.path, .file = nullptr};
  if (output.path == "-") {
    if (std::exchange(use_stdout_, true))
      return std::string(wish.flag) + ": stdout is taken already";
  } else {
    if (std::string complaint = conflict(wish.flag, output.path); !complaint.empty())
      return complaint;
    constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC;
    int descriptor = ::open(output.path.c_str(), kFlags | O_EXCL, 0666);
    output.is_new = descriptor >= 0;
    if (!output.is_new) descriptor = ::open(output.path.c_str(), kFlags, 0666);
    if (descriptor < 0) return std::string(wish.flag) + ": cannot write " + output.path;
    output.file.reset(::fdopen(descriptor, "w"));  // Which does not empty it.
  }
  outputs_.push_back(std::move(output));
  return {};
}

std::string OutputFiles::conflict(std::string_view flag, const std::string& path) const {
  struct stat wanted {};
  if (::stat(path.c_str(), &wanted) != 0 || !S_ISREG(wanted.st_mode)) return {};
  for (const Output& output : outputs_) {
    struct stat held {};
    if (!output.file || ::fstat(::fileno(output.file.get()), &held) != 0) continue;
    if (held.st_dev == wanted.st_dev && held.st_ino == wanted.st_ino)
      return fmt::format("{}: {} is the file of {} already", flag, path, output.flag);
  }
  return {};
}

// A job summary holds what other commands wrote as well: there a section is added.
bool OutputFiles::write(Output& output, std::string_view text) {
  output.is_written = true;
  if (!output.file) return print(stdout, text);
  const int descriptor = ::fileno(output.file.get());
  struct stat state {};
  if (::fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode)) {
    const bool is_ready = output.format == Format::markdown
                              ? std::fseek(output.file.get(), 0, SEEK_END) == 0
                              : ::ftruncate(descriptor, 0) == 0;
    if (!is_ready) return false;
  }
  return print(output.file.get(), text);
}

std::string OutputFiles::write(const Result& result, const Verdict& verdict) {
  std::string complaint;
  for (Output& output : outputs_) {
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
    if (!write(output, text) && complaint.empty())
      complaint = fmt::format("{}: {} could not be written", output.flag,
                              output.file ? output.path : "stdout");
  }
  return complaint;
}

}  // namespace mq_bench
