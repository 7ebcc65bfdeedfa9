#include "tools/mq-pub/replay.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "libmqtt/net/error_text.hpp"

namespace mq_pub {
namespace {

/// A file with so many bad lines is not worth going on with.
constexpr std::uint64_t kMostProblems = 100;
/// What a clock may jump by in a recording without the rest being a matter of years.
constexpr double kLongestGap = 1e9;

std::string error_text(int number) {
  return mqtt::net::error_text({number, std::generic_category()});
}

/// Why a regular file cannot be replayed, to stand behind "FILE:"; empty for what only time can
/// tell, like a pipe. Takes nothing from it.
std::string check_head(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return " " + error_text(errno);
  if (S_ISDIR(status.st_mode)) return " " + error_text(EISDIR);
  if (!S_ISREG(status.st_mode)) return {};
  std::array<char, 256> begin{};
  const ssize_t count =
      ::pread(descriptor, begin.data(), begin.size(), ::lseek(descriptor, 0, SEEK_CUR));
  if (count < 0) return " " + error_text(errno);
  const std::string_view text(begin.data(), static_cast<std::size_t>(count));
  const bool is_recording = cli::RecordingParser::is_head(text.substr(0, text.find('\n')));
  return is_recording ? "" : "1: this is not a recording of mq-sub --record";
}

}  // namespace

std::expected<std::unique_ptr<Replay>, std::string> Replay::open(mqtt::net::Loop& loop,
                                                                 const Options& options) {
  const bool is_stdin = options.file == "-";
  const std::string name = is_stdin ? "standard input" : options.file;
  const int descriptor = is_stdin ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(name + ": " + error_text(errno));
  auto replay = std::unique_ptr<Replay>(new Replay(loop, descriptor, name, options));
  std::string why = check_head(descriptor);
  if (const auto error = check_readable(descriptor)) why = " " + mqtt::net::error_text(error);
  if (!why.empty()) return std::unexpected(name + ":" + why);
  return replay;
}

Replay::Replay(mqtt::net::Loop& loop, int descriptor, std::string name, const Options& options)
    : loop_(loop),
      descriptor_(descriptor),
      parser_(std::move(name)),
      splitter_('\n', cli::RecordingParser::kLongestLine),
      reader_(loop, descriptor, [this](InputReader::Chunk chunk) { on_chunk(std::move(chunk)); }),
      speed_(options.speed),
      is_v5_(options.connection.effective_version() == mqtt::Version::v5_0),
      pause_(loop.context()) {}

Replay::~Replay() {
  reader_.cancel();
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

void Replay::start(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }

std::optional<MessageSource::Item> Replay::next() {
  while (!current_) {
    if (is_done_) return std::nullopt;
    const auto line = splitter_.next();
    if (!line) {
      end_or_wait();
      return std::nullopt;
    }
    if (auto problem = read(*line)) return problem;
  }
  const mqtt::TimePoint time = due(current_->time_ns);
  if (time > loop_.now()) {
    pause_.expires_after(time - loop_.now());
    pause_.async_wait([this](std::error_code error) {
      if (!error) on_ready_();
    });
    return std::nullopt;
  }
  mqtt::Publish message = std::move(std::exchange(current_, std::nullopt)->message);
  Item item{std::move(message.topic), std::move(message.payload)};
  item.qos = message.qos;
  item.retain = message.retain;
  item.properties = is_v5_ ? std::move(message.properties) : mqtt::Properties{};
  return item;
}

void Replay::end_or_wait() {
  if (!is_at_end_) return reader_.request();
  if (failure_.empty() && !parser_.has_head()) {
    failure_ = "--replay: " + parser_.take("").error();
  }
  is_done_ = true;
}

std::optional<MessageSource::Item> Replay::read(const LineSplitter::Line& line) {
  auto message = parser_.take(line.bytes.view());
  if (message && !line.is_too_long) {
    current_ = std::move(*message);
    return std::nullopt;
  }
  std::string what =
      line.is_too_long ? parser_.at_line("a line that does not end") : message.error();
  what = "--replay: " + what;
  if (!parser_.has_head()) {
    failure_ = std::move(what);
    is_done_ = true;
    return std::nullopt;
  }
  if (++problems_ == kMostProblems) {
    failure_ = "--replay: too many lines that are wrong";
    is_done_ = true;
  }
  return Item{{}, {}, std::move(what)};
}

void Replay::on_chunk(InputReader::Chunk chunk) {
  if (!chunk) failure_ = "--replay: " + parser_.at_line(mqtt::net::error_text(chunk.error()));
  is_at_end_ = !chunk || chunk->empty();
  if (is_at_end_) {
    splitter_.finish();
  } else {
    splitter_.feed(std::move(*chunk));
  }
  on_ready_();
}

mqtt::TimePoint Replay::due(std::int64_t time_ns) {
  if (!first_ns_) {
    first_ns_ = time_ns;
    begin_ = loop_.now();
  }
  if (speed_ == 0) return begin_;
  const double seconds = (static_cast<double>(time_ns) - static_cast<double>(*first_ns_)) / 1e9;
  const double offset = std::min(seconds / speed_, kLongestGap);
  if (offset <= 0) return begin_;
  return begin_ + std::chrono::duration_cast<mqtt::Duration>(std::chrono::duration<double>(offset));
}

std::uint64_t Replay::stop() {
  pause_.cancel();
  reader_.cancel();
  is_done_ = true;
  return std::exchange(current_, std::nullopt) ? 1 : 0;
}

}  // namespace mq_pub
