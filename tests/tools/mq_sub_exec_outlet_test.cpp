#include "tools/mq-sub/exec_outlet.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/net/loop.hpp"
#include "tests/support/temp_dir.hpp"

using mq_sub::ExecOutlet;
using mq_sub::Outlet;

namespace {

mqtt::Publish message(std::string_view topic, std::string_view payload) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy(topic);
  publish.payload = mqtt::Bytes::copy(payload);
  return publish;
}

struct Listener final : Outlet::Handler {
  explicit Listener(mqtt::net::Loop& the_loop) : loop(the_loop) {}
  void on_settled() override { loop.stop(); }
  void on_output_ended(std::error_code) override {}
  void on_trouble(std::string_view what, Outlet::Gravity how) override {
    troubles.emplace_back(what);
    gravity = how;
    loop.stop();
  }
  void on_quit() override {}

  mqtt::net::Loop& loop;
  std::vector<std::string> troubles;
  Outlet::Gravity gravity{};
};

/// An outlet whose stdout is nobody's business.
struct Bench {
  explicit Bench(std::vector<std::string> words, unsigned jobs = 1)
      : listener(loop), outlet(loop, {std::move(words), jobs, null}, listener) {}
  ~Bench() { ::close(null); }

  void take(std::string_view topic, std::string_view payload) {
    outlet.take(message(topic, payload), {});
  }
  /// Until all is settled or can't be.
  void run() {
    while (outlet.settled() < outlet.taken() && outlet.pending() > 0) {
      loop.context().restart();
      loop.run();
    }
  }

  int null = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  mqtt::net::Loop loop;
  Listener listener;
  ExecOutlet outlet;
};

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `sh -c SCRIPT FILE`: $0 is the file.
struct Script {
  support::TempDir directory;
  std::string file = (directory.path() / "out").string();
  std::vector<std::string> words(std::string script) {
    return {"sh", "-c", std::move(script), file};
  }
};

}  // namespace

TEST_CASE("a command gets the payload on stdin and the message in its environment") {
  Script script;
  Bench bench(script.words("echo \"$MQTT_TOPIC $MQTT_QOS $MQTT_RETAIN\" > \"$0\"; cat >> \"$0\""));
  mqtt::Publish publish = message("a/$(id)'\"", "x\ny");
  publish.qos = mqtt::Qos::exactly_once;
  publish.retain = true;
  bench.outlet.take(publish, {});
  bench.run();
  CHECK(read(script.file) == "a/$(id)'\" 2 1\nx\ny");
  CHECK(bench.listener.troubles.empty());
}

TEST_CASE("a payload larger than a pipe keeps nobody waiting, read or not") {
  Script script;
  Bench bench(script.words("wc -c > \"$0\""));
  bench.take("t", std::string(3'000'000, 'x'));
  bench.run();
  CHECK(read(script.file) == "3000000\n");
  Bench careless({"true"});
  careless.take("t", std::string(3'000'000, 'x'));
  careless.run();
  CHECK(careless.outlet.settled() == 1);
}

TEST_CASE("one job is one command after the other, in order") {
  Script script;
  Bench bench(script.words("cat >> \"$0\"; echo -n . >> \"$0\""));
  for (const std::string_view payload : {"1", "2", "3", "4", "5"}) bench.take("t", payload);
  bench.run();
  CHECK(read(script.file) == "1.2.3.4.5.");
}

TEST_CASE("several jobs run at a time, never more, and messages are settled in order") {
  Script script;
  // The first two wait for each other, which takes both at a time; the third must have had to wait.
  Bench bench(script.words("read n; d=$(dirname \"$0\"); case $n in\n"
                           "1) echo > \"$d/fifo\"; touch \"$d/done1\";;\n"
                           "2) cat \"$d/fifo\" > \"$d/got\"; touch \"$d/done2\";;\n"
                           "3) [ -e \"$d/done1\" -o -e \"$d/done2\" ];; esac"),
              2);
  REQUIRE(::mkfifo((script.directory.path() / "fifo").c_str(), 0600) == 0);
  bench.take("t", "1\n");
  bench.take("t", "2\n");
  bench.take("t", "3\n");
  bench.run();
  CHECK(bench.outlet.settled() == 3);
  CHECK(bench.listener.troubles.empty());
}

TEST_CASE("a command that fails is told and its message is settled all the same") {
  Bench bench({"sh", "-c", "exit 3"});
  bench.take("a\x1b", "");
  bench.run();
  CHECK(bench.outlet.settled() == 1);
  CHECK(bench.listener.troubles ==
        std::vector<std::string>{"--exec 'sh': message on 'a\\x1b': exit code 3"});
  CHECK(bench.listener.gravity == Outlet::Gravity::stain);
  Bench killed({"sh", "-c", "kill -9 $$"});
  killed.take("t", "");
  killed.run();
  CHECK(killed.listener.troubles ==
        std::vector<std::string>{"--exec 'sh': message on 't': killed by signal 9"});
}

TEST_CASE("a command that cannot be started is fatal and settles nothing") {
  Bench bench({"/nowhere/command"});
  bench.take("t", "1");
  CHECK(bench.outlet.settled() == 0);
  CHECK(bench.outlet.pending() == 0);
  CHECK(bench.listener.gravity == Outlet::Gravity::fatal);
  CHECK(bench.listener.troubles ==
        std::vector<std::string>{"--exec '/nowhere/command': no such file or directory"});
}

TEST_CASE("giving up lets what runs end and begins nothing else") {
  Script script;
  Bench bench(script.words("cat >> \"$0\""));
  bench.take("t", "1");
  bench.take("t", "2");
  bench.outlet.give_up();
  bench.run();
  CHECK(read(script.file) == "1");
  CHECK(bench.outlet.settled() == 1);
}

TEST_CASE("no command is left behind as a zombie") {
  {
    Bench bench({"true"}, 3);
    for (int i = 0; i < 5; ++i) bench.take("t", "");
    bench.run();
  }
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  CHECK(errno == ECHILD);
}

TEST_CASE("a command gets none of our descriptors and no ignored SIGPIPE") {
  Script script;
  Bench bench(script.words("ls /proc/$$/fd > \"$0\"; grep SigIgn /proc/$$/status >> \"$0\""));
  std::signal(SIGPIPE, SIG_IGN);
  bench.take("t", "");
  bench.run();
  const std::string seen = read(script.file);
  CHECK(seen.find("\n3\n") == std::string::npos);
  const std::size_t mask = seen.find("SigIgn:\t");
  REQUIRE(mask != std::string::npos);
  const auto ignored = std::stoull(seen.substr(mask + 8), nullptr, 16);
  CHECK((ignored & 1ULL << (SIGPIPE - 1)) == 0);
}
