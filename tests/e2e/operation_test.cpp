#include <doctest/doctest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/clients.hpp"
#include "tests/support/descriptor.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Command broker(const Arguments& arguments) {
  Command command{.argv = {support::tool("mq-broker-lite"), "-p", "0"}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

/// A service manager that waits for what it is told.
class Manager {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
  }
  std::string path() const { return (directory_.path() / "notify").string(); }
  std::string next() const {
    pollfd polled{socket_.number(), POLLIN, 0};
    if (::poll(&polled, 1, 60'000) != 1) return "nothing";
    std::array<char, 1024> text{};
    const auto count = ::recv(socket_.number(), text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(count)};
  }

 private:
  support::TempDir directory_;
  support::Descriptor socket_;
};

}  // namespace

TEST_CASE("the port file has the port, the ready file the addresses; both go with the broker") {
  const support::TempDir directory;
  const fs::path port_file = directory.path() / "port";
  const fs::path ready_file = directory.write("ready", "from an earlier run");
  Process process(
      broker({"-b", "127.0.0.1", "--port-file", port_file, "--ready-file", ready_file}));
  const auto line = process.wait_for_line("listening on 127.0.0.1:");
  REQUIRE(line);
  const std::string port = line->substr(line->rfind(':') + 1);
  CHECK(read_file(port_file) == port + "\n");
  CHECK(read_file(ready_file) == "127.0.0.1:" + port + "\n");
  publish(static_cast<std::uint16_t>(std::stoul(port)), {"-t", "t", "-m", "m"}, Family::mosquitto);
  process.signal(SIGTERM);
  CHECK(process.wait().code == 0);
  CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("the broker takes as many connections as the hard limit of open files allows") {
  Command command = broker({});
  command.argv.insert(command.argv.begin(), {"prlimit", "--nofile=64:512"});
  Process process(command);
  REQUIRE(process.wait_for_line("listening on "));
  rlimit limit{};
  REQUIRE(::prlimit(process.id(), RLIMIT_NOFILE, nullptr, &limit) == 0);
  CHECK(limit.rlim_cur == 512);
}

TEST_CASE("several listeners are a line each in the port file, in their order") {
  const support::TempDir directory;
  const auto file = directory.write("conf",
                                    "allow_anonymous true\nlistener 0 127.0.0.1\n"
                                    "listener 0 127.0.0.1\nprotocol websockets\n");
  const fs::path port_file = directory.path() / "port";
  Process process(
      {.argv = {support::tool("mq-broker-lite"), "-c", file, "--port-file", port_file}});
  std::string expected;
  for (int i = 0; i < 2; ++i) {
    const auto line = process.wait_for_line("listening on 127.0.0.1:");
    REQUIRE(line);
    expected += std::to_string(std::stoul(line->substr(line->find("127.0.0.1:") + 10))) + "\n";
  }
  CHECK(read_file(port_file) == expected);
}

TEST_CASE("a ready descriptor gets a line and is closed; one that is not open stops the start") {
  Process process(
      {.argv = {
           "sh", "-c",
           "{ \"$0\" -p 0 --exit-after-idle 0.1 --ready-fd 3 3>&1 >&2 & } | cat; echo cat ended",
           support::tool("mq-broker-lite")}});
  CHECK(process.wait_for_line("ready"));
  CHECK(process.wait_for_line("cat ended"));
  const auto end = support::run(broker({"--ready-fd", "77"}));
  CHECK(end.code == 1);
  CHECK(end.err.find("ready-fd 77: not open for writing") != std::string::npos);
  CHECK(end.out == "");
}

TEST_CASE("files that can't be written stop the start") {
  const support::TempDir directory;
  const std::string missing = directory.path() / "no/such/file";
  for (const char* option : {"--port-file", "--ready-file"}) {
    const auto end = support::run(broker({option, missing}));
    CHECK(end.code == 1);
    CHECK(end.err == "mq-broker-lite: write " + missing + ": No such file or directory\n");
  }
}

TEST_CASE("a metrics address that is taken stops the start") {
  Process first(broker({"--metrics-port", "0"}));
  const auto line = first.wait_for_line("metrics on http://127.0.0.1:");
  REQUIRE(line);
  const auto port = std::to_string(std::stoul(line->substr(line->rfind(':') + 1)));
  const auto end = support::run(broker({"--metrics-port", port}));
  CHECK(end.code == 1);
  CHECK(end.err.find("metrics: listen 127.0.0.1:" + port) != std::string::npos);
}

TEST_CASE("the service manager hears of the start, signs of life, a reload and the end") {
  const Manager manager;
  Command command = broker({"-b", "127.0.0.1"});
  command.environment = {"NOTIFY_SOCKET=" + manager.path(), "WATCHDOG_USEC=200000"};
  Process process(std::move(command));
  std::vector<std::string> told;
  const auto wait_for = [&](std::string_view start) {
    while (told.empty() || !told.back().starts_with(start)) {
      told.push_back(manager.next());
      if (told.back() == "nothing") return false;
    }
    return true;
  };
  CHECK(wait_for("READY=1\nSTATUS=Listening on 127.0.0.1:"));
  CHECK(wait_for("WATCHDOG=1"));
  process.signal(SIGHUP);
  CHECK(wait_for("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(wait_for("READY=1\n"));
  CHECK(wait_for("WATCHDOG=1"));
  process.signal(SIGTERM);
  CHECK(wait_for("STOPPING=1"));
  CHECK(process.wait().code == 0);
}

TEST_CASE("--exit-after-idle ends the broker in order when nobody comes") {
  const auto end = support::run(broker({"--exit-after-idle", "0.1"}));
  CHECK(end.code == 0);
  CHECK(end.err == "");
}

TEST_CASE("--exit-with-parent ends the broker with the process that started it") {
  Process shell({.argv = {"sh", "-c", "\"$0\" -p 0 --exit-with-parent & read line",
                          support::tool("mq-broker-lite")},
                 .keep_input_open = true});
  REQUIRE(shell.wait_for_line("listening on "));
  shell.signal(SIGKILL);
  // Both its outputs end only with the broker, which has them too.
  CHECK(shell.wait().code == 128 + SIGKILL);
}

TEST_CASE("SIGHUP opens the log file anew") {
  const support::TempDir directory;
  const fs::path path = directory.path() / "mq.log";
  Process process(broker(
      {"-b", "127.0.0.1", "-v", "--log-dest", "stderr", "--log-dest", "file " + path.string()}));
  REQUIRE(process.wait_for_line("listening on 127.0.0.1:"));
  process.signal(SIGHUP);
  REQUIRE(process.wait_for_error("are read again"));
  fs::rename(path, directory.path() / "old.log");
  process.signal(SIGHUP);
  REQUIRE(process.wait_for_error("are read again"));
  process.signal(SIGTERM);
  CHECK(process.wait().code == 0);
  CHECK(read_file(directory.path() / "old.log").find("are read again") != std::string::npos);
  CHECK(read_file(path).find("are read again") != std::string::npos);
}
