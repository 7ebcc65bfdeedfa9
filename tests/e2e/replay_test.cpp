#include <doctest/doctest.h>

#include "tests/e2e/clients.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

TEST_CASE("what mq-sub --record has written, mq-pub --replay publishes again") {
  BrokerProcess broker(kLite);
  const support::TempDir directory;
  const std::string file = directory.path() / "recording";
  publish(broker.port(), {"-V", "5", "-t", "from/a", "-m", "21,5 °C", "-r", "-q", "2", "-D",
                          "publish", "content-type", "text/plain"});
  CHECK(support::run(
            sub(broker.port(), {"-V", "5", "-t", "from/#", "-q", "2", "-C", "1", "--record", file}))
            .code == 0);
  publish(broker.port(), {"-t", "from/a", "-n", "-r"});
  const auto end = support::run(pub(broker.port(), {"-V", "5", "--replay", file, "--speed", "10"}));
  CHECK(end.err == "mq-pub: 1 sent, 0 lost\n");
  CHECK(end.code == 0);
  CHECK(support::run(sub(broker.port(),
                         {"-V", "5", "-t", "from/a", "-q", "2", "-C", "1", "-F", "%t %q %r %C %p"}))
            .out == "from/a 2 1 text/plain 21,5 °C\n");
}

TEST_CASE("a recording that comes slowly by a pipe does not hold up the connection") {
  const auto listener = support::listen_loopback();
  auto command = pub(support::local_port(listener), {"--replay", "-", "-k", "5"});
  command.input = "{\"recording\":\"mq-tools\",\"version\":1}\n";
  command.keep_input_open = true;
  Process player(command);
  support::RawConnection connection(support::accept_loopback(listener));
  REQUIRE(!connection.read_packet().empty());
  CHECK(connection.send(support::from_hex("20 02 00 00")));
  CHECK(support::to_hex(connection.read_packet()) == "C0 00");  // PINGREQ
  CHECK(connection.send(support::from_hex("D0 00")));
  player.write("{\"topic\":\"a\",\"time_ns\":1,\"payload\":\"x\"}\n");
  CHECK(support::to_hex(connection.read_packet()) == "30 04 00 01 61 78");
  player.close_input();
  CHECK(support::to_hex(connection.read_packet()) == "E0 00");
}

TEST_CASE("a file that is no recording is refused before any connection") {
  const support::TempDir directory;
  const std::string file = directory.write("other", "hello\n");
  const auto end = support::run(pub(1, {"--replay", file}));
  CHECK(end.code == 1);
  CHECK(end.err ==
        "mq-pub: --replay: " + file + ":1: this is not a recording of mq-sub --record\n");
}
