#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Exit run_sub(std::uint16_t port, const Arguments& arguments) {
  return support::run(sub(port, arguments));
}

/// Retained messages on r/1 to r/COUNT, as long as nobody removes them.
void retain(std::uint16_t port, int count) {
  for (int i = 1; i <= count; ++i) {
    publish(port, {"-q", "1", "-r", "-t", "r/" + std::to_string(i), "-m", std::to_string(i)});
  }
}

void check_nothing_retained(std::uint16_t port) {
  const Exit end = run_sub(port, {"-t", "#", "--retained-only", "-v", "--idle-timeout", "0.3"});
  CHECK(end.code == 0);
  CHECK(end.out == "");
}

}  // namespace

TEST_CASE("templates print the same bytes as mosquitto_sub's") {
  const BrokerProcess broker(kLite);
  publish(broker.port(), {"-V",
                          "5",
                          "-r",
                          "-q",
                          "1",
                          "-t",
                          "Maison/Cuisine é",
                          "-m",
                          "21,5 °C\t\"",
                          "-D",
                          "publish",
                          "content-type",
                          "text/plain",
                          "-D",
                          "publish",
                          "response-topic",
                          "re",
                          "-D",
                          "publish",
                          "correlation-data",
                          "c",
                          "-D",
                          "publish",
                          "user-property",
                          "k",
                          "v",
                          "-D",
                          "publish",
                          "user-property",
                          "k2",
                          "w"});
  for (const std::string format :
       {"%t|%p|%l|%q|%r|%m", "[%30t][%-30t][%.5t][%-30.5t]", "[%20p][%020p][%-20p][%3p]", "%x %X",
        "[%5l][%05l][%-5l][%5m][%05m][%-5m]", "[%5q%05r]",
        "[%A][%5A][%E][%F][%5S][%C][%20C][%-20C][%.4C][%R][%D][%P]",
        "%%|@@|\\\\|\\a\\e\\n\\r\\t\\v|", "@Y-@m-@d", "%.10I"}) {
    CAPTURE(format);
    const Arguments arguments{"-V", "5", "-q", "1", "-t", "#", "-C", "1", "-F", format};
    const Exit theirs = support::run(sub(broker.port(), arguments, Family::mosquitto));
    const Exit ours = run_sub(broker.port(), arguments);
    CHECK(theirs.code == 0);
    CHECK(ours.out == theirs.out);
  }
}

TEST_CASE("--exec acknowledges a message when its command has ended, and not before") {
  const BrokerProcess broker(kLite);
  const support::TempDir directory;
  const std::string fifo = directory.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const Arguments session{"-c", "-i", "worker", "-q", "1", "-t", "jobs"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), session.begin(), session.end());
    return more;
  };
  CHECK(run_sub(broker.port(), with({"-E"})).code == 0);
  publish(broker.port(), {"-q", "1", "-t", "jobs", "-m", "work"});
  {
    Process killed(sub(broker.port(),
                       with({"--exec", "sh -c 'echo begun; read line < \"$0\"; cat' " + fifo})));
    CHECK(killed.wait_for_line("begun"));
    killed.signal(SIGKILL);
    // Lets the command end, which holds the pipes of the test.
    const int writer = ::open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
    CHECK(::write(writer, "\n", 1) == 1);
    ::close(writer);
    CHECK(killed.wait().out == "begun\nwork");
  }
  const Exit again = run_sub(broker.port(), with({"-C", "1", "--exec", "cat"}));
  CHECK(again.out == "work");
  CHECK(again.code == 0);
  const Exit nothing = run_sub(broker.port(), with({"-W", "0.3", "--exec", "cat"}));
  CHECK(nothing.out == "");
  CHECK(nothing.code == 27);
}

TEST_CASE("a command that fails makes the exit code 1 in the end, one that is not there at once") {
  const BrokerProcess broker(kLite);
  retain(broker.port(), 2);
  const Exit failed = run_sub(broker.port(), {"-t", "r/+", "-C", "2", "--exec", "false"});
  CHECK(failed.code == 1);
  CHECK(failed.err ==
        "mq-sub: --exec 'false': message on 'r/1': exit code 1\n"
        "mq-sub: --exec 'false': message on 'r/2': exit code 1\n");
  const Exit missing = run_sub(broker.port(), {"-t", "r/+", "--exec", "/nowhere/x"});
  CHECK(missing.code == 1);
  CHECK(missing.err == "mq-sub: --exec '/nowhere/x': no such file or directory\n");
}

TEST_CASE("a signal lets the command that runs end and acknowledges its message only") {
  const BrokerProcess broker(kLite);
  const support::TempDir directory;
  const std::string fifo = directory.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const Arguments session{"-c", "-i", "worker", "-q", "2", "-t", "jobs"};
  auto arguments = session;
  arguments.insert(arguments.end(),
                   {"--exec", "sh -c 'echo begun; read line < \"$0\"; cat' " + fifo});
  arguments.insert(arguments.end(), {"--ready-fd", "2"});
  Process worker(sub(broker.port(), arguments));
  CHECK(worker.wait_for_error(""));
  publish(broker.port(), {"-q", "1", "-t", "jobs", "-m", "one"});
  publish(broker.port(), {"-q", "1", "-t", "jobs", "-m", "two"});
  CHECK(worker.wait_for_line("begun"));
  worker.signal(SIGTERM);
  const int writer = ::open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
  CHECK(::write(writer, "\n", 1) == 1);
  ::close(writer);
  const Exit end = worker.wait();
  CHECK(end.code == 0);
  CHECK(end.out == "begun\none");
  auto rest = session;
  rest.insert(rest.end(), {"-C", "1"});
  CHECK(run_sub(broker.port(), rest).out == "two\n");
}

TEST_CASE("--remove-retained removes what it prints, with -R without printing it, and ends") {
  const BrokerProcess broker(kLite);
  for (const std::string version : {"3.1.1", "5"}) {
    CAPTURE(version);
    retain(broker.port(), 3);
    const Exit all = run_sub(broker.port(), {"-V", version, "-t", "#", "--remove-retained", "-v",
                                             "--idle-timeout", "0.5"});
    CHECK(all.out == "r/1 1\nr/2 2\nr/3 3\n");
    CHECK(all.code == 0);
    check_nothing_retained(broker.port());

    retain(broker.port(), 3);
    const Exit silent = run_sub(broker.port(), {"-V", version, "-t", "#", "--remove-retained", "-R",
                                                "-T", "r/2", "--idle-timeout", "0.5"});
    CHECK(silent.out == "");
    CHECK(silent.code == 0);
    const Exit only = run_sub(broker.port(), {"-V", version, "-t", "#", "--remove-retained",
                                              "--retained-only", "-v", "-C", "1"});
    CHECK(only.out == "r/2 2\n");
    CHECK(only.code == 0);
    check_nothing_retained(broker.port());
  }
}

TEST_CASE("--remove-retained that is refused gives the reason code") {
  const BrokerProcess broker(kLite);
  const Exit end = run_sub(broker.port(), {"-V", "5", "-t", "$SYS/broker/version",
                                           "--remove-retained", "--idle-timeout", "0.5"});
  CHECK(end.code == 135);
  CHECK(end.err == "mq-sub: --remove-retained '$SYS/broker/version': Not authorized\n");
}

TEST_CASE("--record keeps messages instead of printing them, unless asked for both") {
  const BrokerProcess broker(kLite);
  const support::TempDir directory;
  const std::string file = directory.path() / "messages";
  retain(broker.port(), 2);
  const Exit silent = run_sub(broker.port(), {"-t", "r/+", "-q", "1", "-C", "2", "--record", file});
  CHECK(silent.code == 0);
  CHECK(silent.out == "");
  const std::vector<std::string> lines = lines_of(read(file));
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == R"({"recording":"mq-tools","version":1})");
  CHECK(lines[1].ends_with(R"("topic":"r/1","qos":1,"retain":true,"payload":"1"})"));
  const Exit both = run_sub(broker.port(), {"-t", "r/+", "-C", "1", "-v", "--record", file});
  CHECK(both.out == "r/1 1\n");
  CHECK(lines_of(read(file)).size() == 2);
}

TEST_CASE("a recording that cannot be begun is exit code 1 and named") {
  const BrokerProcess broker(kLite);
  const Exit missing = run_sub(broker.port(), {"-t", "a", "--record", "/nowhere/messages"});
  CHECK(missing.code == 1);
  CHECK(missing.err == "mq-sub: --record /nowhere/messages: no such file or directory\n");
  const Exit full = run_sub(broker.port(), {"-t", "a", "--record", "/dev/full"});
  CHECK(full.code == 1);
  CHECK(full.err == "mq-sub: --record /dev/full: no space left on device\n");
}

TEST_CASE("--idle-timeout is exit code 27 when no message comes for that time") {
  const BrokerProcess broker(kLite);
  retain(broker.port(), 1);
  const Exit end = run_sub(broker.port(), {"-t", "r/+", "--idle-timeout", "0.2"});
  CHECK(end.out == "1\n");
  CHECK(end.code == 27);
  CHECK(end.err == "mq-sub: Timed out: no message for 0.2 s; 1 message received\n");
  CHECK(run_sub(broker.port(), {"-t", "r/+", "--idle-timeout", "0.2", "--ok-on-timeout"}).code ==
        0);
}

TEST_CASE("--field and %J say on stderr which message is not JSON, and count it") {
  const BrokerProcess broker(kLite);
  publish(broker.port(), {"-q", "1", "-r", "-t", "r/1", "-m", "21,5"});
  publish(broker.port(), {"-q", "1", "-r", "-t", "r/2", "-m", R"({"a":[1.50]})"});
  const Exit field = run_sub(broker.port(), {"-t", "r/+", "-C", "2", "--field", "a[0]"});
  CHECK(field.out == "1.50\n");
  CHECK(field.err == "mq-sub: message on 'r/1': the payload is not JSON\n");
  CHECK(field.code == 0);
  const Exit json = run_sub(broker.port(), {"-t", "r/+", "-C", "2", "-F", "%J"});
  CHECK(lines_of(json.out).size() == 1);
  CHECK(json.out.find(R"("payload":{"a":[1.50]}})") != std::string::npos);
  CHECK(json.code == 0);
}

TEST_CASE("--random-filter prints about that part of the messages") {
  const BrokerProcess broker(kLite);
  Process half(sub(broker.port(), {"-t", "a", "-q", "1", "--random-filter", "50", "-C", "200",
                                   "--ready-fd", "2"}));
  CHECK(half.wait_for_error(""));
  auto command = pub(broker.port(), {"-t", "a", "-l", "-q", "1"});
  for (int i = 1; i <= 1000; ++i) command.input += std::to_string(i) + "\n";
  CHECK(support::run(std::move(command)).code == 0);
  const Exit end = half.wait();
  CHECK(end.code == 0);
  const std::vector<std::string> lines = lines_of(end.out);
  REQUIRE(lines.size() == 200);
  const int last = std::stoi(lines.back());
  CHECK(last > 280);
  CHECK(last < 600);
}

TEST_CASE("--message-rate is told each second, on a pipe too") {
  const BrokerProcess broker(kLite);
  retain(broker.port(), 3);
  Process process(sub(broker.port(), {"-t", "r/+", "--message-rate"}));
  CHECK(process.wait_for_line("3 msgs/s"));
  CHECK(process.wait_for_line("0 msgs/s"));
  process.signal(SIGINT);
  CHECK(process.wait().code == 0);
}
