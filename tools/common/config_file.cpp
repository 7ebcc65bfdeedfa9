#include "tools/common/config_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <utility>

namespace cli {
namespace {

constexpr std::string_view kBlanks = " \t\v\f\r";

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return fd_; }

 private:
  int fd_;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

/// Takes the file piece by piece, so that an endless line is refused before it fills the memory.
class LineReader {
 public:
  explicit LineReader(const std::string& path) : path_(path) {}

  std::expected<std::vector<ConfigLine>, std::string> run();

 private:
  using Outcome = std::expected<void, std::string>;

  Outcome take(std::string_view bytes);
  Outcome take_line(std::string_view line);
  std::unexpected<std::string> failed(int error) const {
    return std::unexpected(fmt::format("{}: {}", path_, std::strerror(error)));
  }
  std::unexpected<std::string> refuse(std::string_view why) const {
    return std::unexpected(fmt::format("{}:{}: {}", path_, number_, why));
  }

  const std::string& path_;
  std::string rest_;  ///< The beginning of the line whose end has not been read.
  std::size_t number_ = 1;
  std::vector<ConfigLine> lines_;
};

std::expected<std::vector<ConfigLine>, std::string> LineReader::run() {
  const Descriptor file(path_);
  if (file.value() < 0) return failed(errno);
  struct stat status {};
  if (::fstat(file.value(), &status) == 0 && S_ISDIR(status.st_mode)) return failed(EISDIR);
  std::array<char, 16'384> buffer{};
  for (std::size_t total = 0;;) {
    const ssize_t count = ::read(file.value(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) break;
    total += static_cast<std::size_t>(count);
    if (total > kMaximumConfigFile) return refuse("the file is larger than 16 MiB");
    if (auto taken = take({buffer.data(), static_cast<std::size_t>(count)}); !taken)
      return std::unexpected(std::move(taken.error()));
  }
  if (auto taken = take_line(rest_); !taken) return std::unexpected(std::move(taken.error()));
  return std::move(lines_);
}

LineReader::Outcome LineReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    rest_ += bytes.substr(0, end);
    if (rest_.size() > kMaximumConfigLine) return refuse("the line is longer than 64 KiB");
    if (end == std::string_view::npos) return {};
    if (auto taken = take_line(rest_); !taken) return taken;
    rest_.clear();
    ++number_;
    bytes.remove_prefix(end + 1);
  }
  return {};
}

LineReader::Outcome LineReader::take_line(std::string_view line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.find('\0') != std::string_view::npos)
    return refuse("the line holds a NUL byte: this is no text file");
  if (line.starts_with('#')) return {};
  line = trimmed(line);
  if (line.empty()) return {};
  if (line.starts_with('#')) return refuse("a comment's # must be the first character of its line");
  const std::size_t end = std::min(line.find_first_of(kBlanks), line.size());
  lines_.push_back({number_, std::string(line.substr(0, end)),
                    std::string(trimmed(line.substr(end))), std::string(line)});
  return {};
}

/// Letters to change, add or leave out, to come from one word to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::expected<std::vector<ConfigLine>, std::string> read_config_file(const std::string& path) {
  return LineReader(path).run();
}

std::optional<std::string_view> closest(std::string_view word,
                                        std::span<const std::string_view> names) {
  constexpr std::size_t kLongest = 64;  // No key is: nothing to look for.
  if (word.size() > kLongest || names.empty()) return std::nullopt;
  const auto nearer = [&](std::string_view a, std::string_view b) {
    return distance(word, a) < distance(word, b);
  };
  const std::string_view best = *std::ranges::min_element(names, nearer);
  const std::size_t allowed = word.size() < 5 ? 1 : 2;
  if (distance(word, best) > allowed) return std::nullopt;
  return best;
}

}  // namespace cli
