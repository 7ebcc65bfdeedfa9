#include <doctest/doctest.h>

#include "tests/e2e/clients.hpp"
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
  CHECK(end.err == "");
  CHECK(end.code == 0);
  CHECK(support::run(sub(broker.port(),
                         {"-V", "5", "-t", "from/a", "-q", "2", "-C", "1", "-F", "%t %q %r %C %p"}))
            .out == "from/a 2 1 text/plain 21,5 °C\n");
}

TEST_CASE("a file that is no recording is refused before any connection") {
  const support::TempDir directory;
  const std::string file = directory.write("other", "hello\n");
  const auto end = support::run(pub(1, {"--replay", file}));
  CHECK(end.code == 1);
  CHECK(end.err ==
        "mq-pub: --replay: " + file + ":1: this is not a recording of mq-sub --record\n");
}
