#include "libmqtt/server/log.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "libmqtt/server/log_destination.hpp"
#include "libmqtt/server/log_quota.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt::server;

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

LogSettings to_file(const std::filesystem::path& path) {
  LogSettings settings;
  settings.level = LogSettings::Level::detail;
  settings.timestamp = false;
  settings.destinations = {"file " + path.string()};
  return settings;
}

/// This process's stderr is a pipe for a while.
class StderrPipe {
 public:
  StderrPipe() : saved_(::dup(STDERR_FILENO)) {
    REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
    ::dup2(ends_[1], STDERR_FILENO);
  }
  ~StderrPipe() {
    ::dup2(saved_, STDERR_FILENO);
    for (const int descriptor : {saved_, ends_[0], ends_[1]}) ::close(descriptor);
  }
  std::string read() const {
    std::string text(1 << 20, '\0');
    const auto count = ::read(ends_[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  bool is_blocking() const { return (::fcntl(ends_[1], F_GETFL) & O_NONBLOCK) == 0; }

 private:
  int saved_;
  std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("a file is appended to, and opened anew where it was moved away") {
  const support::TempDir directory;
  const auto path = directory.path() / "mq.log";
  Log log(to_file(path));
  log.warning("one {}", 1);
  std::filesystem::rename(path, directory.path() / "mq.log.1");
  log.notice("two");
  log.reopen();
  log.write(LogKind::connection, {.client = "c", .peer = "127.0.0.1:1"}, "three");
  log.write(LogKind::debug, {}, "never");
  CHECK(read_file(directory.path() / "mq.log.1") == "warning: one 1\nnotice: two\n");
  CHECK(read_file(path) == "info: client 'c' three\n");
}

TEST_CASE("other settings hold from the next line on") {
  const support::TempDir directory;
  LogSettings settings = to_file(directory.path() / "a");
  Log log(settings);
  log.warning("text");
  settings.format = LogSettings::Format::json;
  settings.types = {"warning"};
  settings.destinations.push_back("file " + (directory.path() / "b").string());
  log.configure(settings);
  log.warning("json");
  log.notice("not wanted any more");
  const std::string json = "{\"level\":\"warning\",\"event\":\"json\"}\n";
  CHECK(read_file(directory.path() / "a") == "warning: text\n" + json);
  CHECK(read_file(directory.path() / "b") == json);
}

TEST_CASE("a destination that can't be opened is told of by the others") {
  const support::TempDir directory;
  LogSettings settings = to_file(directory.path() / "good");
  settings.destinations.push_back("file " + directory.path().string());
  const Log log(settings);
  CHECK(read_file(directory.path() / "good") ==
        "error: log file " + directory.path().string() + ": Is a directory\n");
}

TEST_CASE("a file that can't be opened anew stays the one it was") {
  const support::TempDir directory;
  const auto folder = directory.path() / "logs";
  std::filesystem::create_directory(folder);
  Log log(to_file(folder / "mq.log"));
  std::filesystem::rename(folder, directory.path() / "moved");
  log.reopen();
  log.warning("goes on");
  CHECK(read_file(directory.path() / "moved" / "mq.log") ==
        "error: log file " + (folder / "mq.log").string() +
            ": No such file or directory\nwarning: goes on\n");
}

TEST_CASE("a reader that does not read is not waited for: what it missed is counted and told") {
  const StderrPipe pipe;
  LogSettings settings;
  settings.timestamp = false;
  const Log log(settings);
  const std::string filler(200, 'x');
  for (int i = 0; i < 10'000; ++i) log.warning("line {} {}", i, filler);
  std::string first = pipe.read();
  CHECK(first.starts_with("warning: line 0 "));
  const auto written = std::count(first.begin(), first.end(), '\n');
  log.warning("after");
  CHECK(pipe.read() == "warning: " + std::to_string(10'000 - written) +
                           " lines of the log could not be written\nwarning: after\n");
  CHECK(pipe.is_blocking());  // for the others who share it
}

TEST_CASE("syslog gets one datagram a line, with its severity") {
  const support::TempDir directory;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (directory.path() / "log").string();
  path.copy(address.sun_path, path.size());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  auto destination = LogDestination::open_syslog(path);
  REQUIRE(destination);
  CHECK((*destination)->write("warning: line\n", 4));
  std::array<char, 256> text{};
  const auto count = ::recv(socket, text.data(), text.size(), MSG_DONTWAIT);
  REQUIRE(count > 0);
  CHECK(std::string(text.data(), static_cast<std::size_t>(count)) ==
        "<28>mq-broker-lite[" + std::to_string(::getpid()) + "]: warning: line");
  ::close(socket);
  CHECK_FALSE((*destination)->write("nobody reads\n", 4));
  CHECK((*destination)->lost() == 1);
  CHECK(LogDestination::open_syslog((directory.path() / "none").string())
            .error()
            .ends_with("No such file or directory"));
}

TEST_CASE("lines about one peer are limited, those about packets are not; the rest is counted") {
  const support::TempDir directory;
  LogSettings settings = to_file(directory.path() / "log");
  settings.level = LogSettings::Level::debug;
  {
    const Log log(settings);
    const LogSubject peer{.peer = "192.0.2.1:5"};
    for (std::uint64_t i = 0; i < 10 * LogQuota::kBurst; ++i)
      log.write(LogKind::debug, peer, "packet");
    for (std::uint64_t i = 0; i < 100 * LogQuota::kBurst; ++i)
      log.write(LogKind::notice, peer, "refused");
  }
  const std::string all = read_file(directory.path() / "log");
  CHECK(static_cast<std::uint64_t>(std::count(all.begin(), all.end(), '\n')) <
        15 * LogQuota::kBurst);
  CHECK(all.ends_with(" lines about 192.0.2.1 were left out\n"));
}
