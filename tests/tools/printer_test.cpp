#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>
#include <string>

#include "libmqtt/net/loop.hpp"
#include "tests/support/temp_dir.hpp"
#include "tools/common/printer.hpp"

using cli::Printer;

namespace {

/// A pipe that holds one page, so that it is full soon.
class Pipe {
 public:
  Pipe() {
    REQUIRE(::pipe(ends_.data()) == 0);
    REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, 4096) >= 0);
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~Pipe() {
    close_reader();
    ::close(ends_[1]);
  }
  int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  /// What is there now, up to 64 KiB.
  std::string read() const {
    std::string text(65'536, '\0');
    const ssize_t count = ::read(ends_[0], text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// Stops the loop at each thing that happens, so that a test goes on step by step.
struct Recorder final : Printer::Handler {
  explicit Recorder(mqtt::net::Loop& the_loop) : loop(the_loop) {}
  void on_written() override {
    ++flushes;
    loop.stop();
  }
  void on_output_ended(std::error_code reason) override {
    ended = reason;
    loop.stop();
  }
  mqtt::net::Loop& loop;
  int flushes = 0;
  std::optional<std::error_code> ended;
};

/// Lets the loop look for events this many times.
void look_around(mqtt::net::Loop& loop, int times) {
  if (times == 0) return loop.stop();
  asio::post(loop.context(), [&loop, times] { look_around(loop, times - 1); });
}

}  // namespace

TEST_CASE("what one turn appended is written at its end") {
  mqtt::net::Loop loop;
  Pipe pipe;
  Recorder recorder(loop);
  Printer printer(loop, pipe.writer(), recorder);
  printer.text() += "one\n";
  printer.wake();
  printer.text() += "two\n";
  printer.wake();
  CHECK(printer.pending() == 8);
  loop.run();
  CHECK(pipe.read() == "one\ntwo\n");
  CHECK(recorder.flushes == 1);
  CHECK(printer.written() == 8);
  CHECK(printer.appended() == 8);
  CHECK(printer.pending() == 0);
}

TEST_CASE("a printer with nothing to write lets the loop sleep although its pipe is writable") {
  mqtt::net::Loop loop;
  Pipe pipe;
  Recorder recorder(loop);
  Printer printer(loop, pipe.writer(), recorder);
  look_around(loop, 10);
  loop.run();
  CHECK(recorder.flushes == 0);
}

TEST_CASE("a reader that stalls does not stop the loop; the rest follows when it reads") {
  mqtt::net::Loop loop;
  Pipe pipe;
  Recorder recorder(loop);
  Printer printer(loop, pipe.writer(), recorder);
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += std::to_string(i) + '\n';
  printer.text() += text;
  printer.wake();
  loop.run();
  CHECK(printer.pending() > 0);
  CHECK(printer.written() == 4096);
  CHECK(printer.appended() == text.size());
  std::string arrived;
  while (arrived.size() < text.size()) {
    arrived += pipe.read();
    if (printer.pending() > 0) loop.run();
  }
  CHECK(arrived == text);
  CHECK(printer.written() == text.size());
}

TEST_CASE("the descriptor's flags, which other processes share, stay as they were") {
  mqtt::net::Loop loop;
  Pipe pipe;
  const int before = ::fcntl(pipe.writer(), F_GETFL);
  Recorder recorder(loop);
  Printer printer(loop, pipe.writer(), recorder);
  printer.text() += std::string(10'000, 'x');
  printer.wake();
  loop.run();
  CHECK(::fcntl(pipe.writer(), F_GETFL) == before);
}

TEST_CASE("a reader that goes is noticed although nothing is to be written") {
  mqtt::net::Loop loop;
  Pipe pipe;
  Recorder recorder(loop);
  Printer printer(loop, pipe.writer(), recorder);
  pipe.close_reader();
  loop.run();
  REQUIRE(recorder.ended.has_value());
  CHECK(*recorder.ended == std::errc::broken_pipe);
}

TEST_CASE("text for a reader that has gone is dropped and does not count as written") {
  mqtt::net::Loop loop;
  Pipe pipe;
  Recorder recorder(loop);
  Printer printer(loop, pipe.writer(), recorder);
  pipe.close_reader();
  printer.text() += "lost\n";
  printer.wake();
  loop.run();
  REQUIRE(recorder.ended.has_value());
  CHECK(*recorder.ended == std::errc::broken_pipe);
  CHECK(printer.pending() == 0);
  CHECK(printer.written() == 0);
  printer.text() += "lost too\n";
  printer.wake();
  loop.run();
  CHECK(printer.pending() == 0);
  CHECK(printer.written() == 0);
}

TEST_CASE("a full disk is an error, not a reader that has gone") {
  const int full = ::open("/dev/full", O_WRONLY);
  REQUIRE(full >= 0);
  mqtt::net::Loop loop;
  Recorder recorder(loop);
  {
    Printer printer(loop, full, recorder);
    printer.text() += "x";
    printer.wake();
    loop.run();
  }
  ::close(full);
  REQUIRE(recorder.ended.has_value());
  CHECK(*recorder.ended == std::errc::no_space_on_device);
}

TEST_CASE("regular files take everything at once") {
  const support::TempDir directory;
  const std::string path = directory.path() / "out";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(file >= 0);
  mqtt::net::Loop loop;
  Recorder recorder(loop);
  {
    Printer printer(loop, file, recorder);
    printer.text() += std::string(1'000'000, 'x');
    printer.wake();
    loop.run();
    CHECK(printer.pending() == 0);
  }
  CHECK(::lseek(file, 0, SEEK_END) == 1'000'000);
  ::close(file);
}
