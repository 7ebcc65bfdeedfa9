#include <doctest/doctest.h>

#include <charconv>
#include <csignal>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

/// A broker with two listeners, each on a free port of its own.
struct TwoDoors {
  explicit TwoDoors(const std::vector<std::string>& second) : broker(configured(second)) {
    const auto line = broker.process().wait_for_line("listening on 127.0.0.1:");
    REQUIRE(line);
    const std::size_t digits = line->rfind(':') + 1;
    std::from_chars(line->data() + digits, line->data() + line->size(), inner);
  }
  static support::Configuration configured(const std::vector<std::string>& second) {
    support::Configuration configuration{
        {"allow_anonymous true", "listener 0 127.0.0.1", "listener 0 127.0.0.1"}};
    configuration.lines.insert(configuration.lines.end(), second.begin(), second.end());
    return configuration;
  }

  BrokerProcess broker;
  std::uint16_t inner = 0;  ///< The second listener's port.
};

}  // namespace

TEST_CASE("Clients of a listener with a mount point live below it") {
  TwoDoors doors({"mount_point house"});
  const std::uint16_t outer = doors.broker.port();
  REQUIRE(doors.inner != outer);
  auto above = subscribed(outer, {"-v", "-t", "house/#", "-C", "3"}, Family::mosquitto);
  auto below =
      subscribed(doors.inner, {"-v", "-t", "lamp", "-t", "attic/+", "-C", "3"}, Family::mosquitto);
  publish(doors.inner, {"-t", "lamp", "-m", "on", "-q", "2"}, Family::mosquitto);
  publish(outer, {"-t", "house/attic/door", "-m", "open", "-q", "1"}, Family::mosquitto);
  publish(outer, {"-t", "lamp", "-m", "not here"}, Family::mosquitto);
  CHECK(without_ready(below->wait().out) == "lamp on\nattic/door open\n");
  CHECK(above->wait_for_line("house/lamp on"));
  above->signal(SIGTERM);
}

TEST_CASE("A listener may accept some versions only, and a lower QoS") {
  TwoDoors doors({"accept_protocol_versions 5", "max_qos 1"});
  const auto say = [&](const Arguments& arguments) {
    return support::run(pub(doors.inner, arguments, Family::mosquitto));
  };
  const Exit old = say({"-V", "311", "-t", "t", "-m", "x"});
  CHECK(old.code != 0);
  CHECK(old.err.find("unacceptable protocol version") != std::string::npos);
  CHECK(say({"-V", "5", "-t", "t", "-m", "x", "-q", "1"}).code == 0);
  const Exit above = support::run(pub(doors.inner, {"-V", "5", "-t", "t", "-m", "x", "-q", "2"}));
  CHECK(above.code != 0);
  CHECK(above.err.find("QoS") != std::string::npos);
  publish(doors.broker.port(), {"-V", "311", "-t", "t", "-m", "x", "-q", "2"}, Family::mosquitto);
}
