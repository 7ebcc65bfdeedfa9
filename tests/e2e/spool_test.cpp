#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/e2e/clients.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
using support::ScriptedServer;

namespace {

/// A spool, and runs of mq-pub that use it.
struct Spooling {
  support::TempDir directory;
  std::string path = directory.path() / "spool";

  Command command(std::uint16_t port, const Arguments& arguments) const {
    Arguments all{"-t", "a", "-q", "1", "--spool", path};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return pub(port, all);
  }
  Exit run(std::uint16_t port, const Arguments& arguments) const {
    return support::run(command(port, arguments));
  }
  /// What mq-pub says at the end when so many are kept.
  std::string kept(const std::string& count) const {
    return count + (count == "1" ? " message is" : " messages are") + " kept in '" + path + "'\n";
  }
};

std::string received(Process& subscriber) {
  subscriber.signal(SIGTERM);
  return without_ready(subscriber.wait().out);
}

}  // namespace

TEST_CASE(
    "without a broker messages are kept with exit code 0, and the next run sends them first") {
  const Spooling spooling;
  const auto nobody = support::free_port();
  const auto first = spooling.run(nobody, {"-m", "1"});
  CHECK(first.code == 0);
  CHECK(first.err == "mq-pub: connect 127.0.0.1:" + std::to_string(nobody) +
                         ": connection refused; " + spooling.kept("1"));
  CHECK(spooling.run(nobody, {"-m", "2"}).err.ends_with(spooling.kept("2")));

  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a", "-q", "1"});
  const auto third = spooling.run(broker.port(), {"-m", "3"});
  CHECK(third.err == "");
  CHECK(third.code == 0);
  CHECK(spooling.run(broker.port(), {"-m", "4"}).code == 0);
  CHECK(subscriber->wait_for_line("4").has_value());
  CHECK(received(*subscriber) == "1\n2\n3\n4\n");
}

TEST_CASE("a message whose acknowledgement did not come stays in the spool") {
  const Spooling spooling;
  ScriptedServer silent([](const std::string& packet) {
    return ScriptedServer::Answer{packet[0] == '\x10' ? support::from_hex("20 02 00 00") : ""};
  });
  const auto end = spooling.run(silent.port(), {"-m", "1", "-W", "0.3"});
  CHECK(end.code == 0);
  CHECK(end.err == "mq-pub: Timed out after 0.3 s\nmq-pub: " + spooling.kept("1"));

  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a", "-q", "1"});
  CHECK(spooling.run(broker.port(), {"-m", "2"}).code == 0);
  CHECK(subscriber->wait_for_line("2").has_value());
  CHECK(received(*subscriber) == "1\n2\n");
}

TEST_CASE("lines of a run that is killed are in the spool") {
  const Spooling spooling;
  auto command = spooling.command(support::free_port(), {"-l"});
  command.input = "1\n2\n";
  command.keep_input_open = true;
  Process killed(std::move(command));
  CHECK(killed.wait_for_error("retry in").has_value());
  killed.write("3\n");
  const auto is_there = [&] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(spooling.path)) {
      if (entry.path().extension() == ".json") ++count;
    }
    return count == 3;
  };
  while (killed.is_running() && !is_there()) std::this_thread::yield();
  killed.signal(SIGKILL);
  killed.wait();

  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a", "-q", "1"});
  auto next = spooling.command(broker.port(), {"-l"});
  next.input = "4\n";
  CHECK(support::run(next).code == 0);
  CHECK(subscriber->wait_for_line("4").has_value());
  CHECK(received(*subscriber) == "1\n2\n3\n4\n");
}

TEST_CASE("lines that come while the connection is lost go out as soon as it is back") {
  const Spooling spooling;
  BrokerProcess broker(kLite);
  support::Proxy proxy(broker.port());
  auto subscriber = subscribed(broker.port(), {"-t", "a", "-q", "1"});
  auto command = spooling.command(proxy.port(), {"-l"});
  command.input = "1\n";
  command.keep_input_open = true;
  Process lines(std::move(command));
  CHECK(subscriber->wait_for_line("1").has_value());
  proxy.reset_all();
  CHECK(lines.wait_for_error("retry in").has_value());
  lines.write("2\n");
  CHECK(subscriber->wait_for_line("2").has_value());
  lines.close_input();
  CHECK(lines.wait().code == 0);
  CHECK(std::filesystem::exists(spooling.path));
  CHECK(spooling.run(broker.port(), {"-m", "3"}).err == "");
  CHECK(subscriber->wait_for_line("3").has_value());
}

TEST_CASE("a full spool refuses with 4; a broker that refuses for good is told by its code") {
  const Spooling spooling;
  const auto nobody = support::free_port();
  CHECK(spooling.run(nobody, {"-m", "1", "--spool-max", "200"}).code == 0);
  const auto full = spooling.run(nobody, {"-m", std::string(200, 'x'), "--spool-max", "200"});
  CHECK(full.code == 4);
  CHECK(full.err.find("is full") != std::string::npos);

  ScriptedServer refusing(
      [](const std::string&) { return ScriptedServer::Answer{support::from_hex("20 02 00 05")}; });
  const auto refused = spooling.run(refusing.port(), {"-m", "2"});
  CHECK(refused.code == 5);
  CHECK(refused.err.ends_with(spooling.kept("2")));
}

TEST_CASE("runs at the same time send every message once") {
  const Spooling spooling;
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a", "-t", "end", "-q", "2"});
  std::vector<std::unique_ptr<Process>> runs;
  for (int i = 1; i <= 8; ++i) {
    runs.push_back(
        std::make_unique<Process>(spooling.command(broker.port(), {"-q", "2", "-m", "m"})));
  }
  for (const auto& run : runs) CHECK(run->wait().code == 0);
  CHECK(spooling.run(broker.port(), {"-q", "2", "-m", "last"}).code == 0);
  CHECK(subscriber->wait_for_line("last").has_value());
  std::string expected;
  for (int i = 1; i <= 8; ++i) expected += "m\n";
  CHECK(received(*subscriber) == expected + "last\n");
}
