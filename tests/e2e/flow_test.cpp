#include <doctest/doctest.h>

#include <csignal>
#include <unordered_set>

#include "tests/e2e/clients.hpp"
#include "tests/support/proxy.hpp"

using namespace e2e;

namespace {

constexpr std::size_t kLines = 200'000;
/// A guard, not a claim: a sanitizer's build on a busy machine takes its time.
constexpr std::chrono::seconds kLongPatience{400};

const std::string& numbered_lines() {
  static const std::string lines = [] {
    std::string text;
    for (std::size_t i = 1; i <= kLines; ++i) text += "mesure " + std::to_string(i) + " °C\n";
    return text;
  }();
  return lines;
}

std::string last_line() {
  return lines_of(numbered_lines().substr(numbered_lines().size() - 40)).back();
}

/// Where the texts part, so that a failure does not print 200,000 lines.
std::string first_difference(const std::string& actual, const std::string& expected) {
  if (actual == expected) return "";
  const auto have = lines_of(actual), want = lines_of(expected);
  std::size_t line = 0;
  while (line < have.size() && line < want.size() && have[line] == want[line]) ++line;
  const auto at = [&](const auto& lines) {
    return line < lines.size() ? lines[line] : "(the end)";
  };
  return "line " + std::to_string(line + 1) + " of " + std::to_string(have.size()) + ": '" +
         at(have) + "' instead of '" + at(want) + "'";
}

std::string first_occurrences(const std::string& text) {
  std::unordered_set<std::string> seen;
  std::string result;
  for (const auto& line : lines_of(text)) {
    if (seen.insert(line).second) result += line + "\n";
  }
  return result;
}

void check_uncut(BrokerProcess::Kind kind, const std::string& qos) {
  CAPTURE(support::name(kind));
  BrokerProcess broker(kind, kind == kLite ? Arguments{} : Arguments{"max_queued_messages 0"});
  auto subscriber = subscribed(
      broker.port(), {"-t", "Maison/Mesures", "-q", qos, "-C", std::to_string(kLines + 1)});
  auto command = pub(broker.port(), {"-t", "Maison/Mesures", "-l", "-q", qos});
  command.input = numbered_lines();
  const auto published = Process(std::move(command)).wait(kLongPatience);
  CHECK(published.code == 0);
  CHECK(published.err == "mq-pub: " + std::to_string(kLines) + " sent, 0 lost\n");
  const auto received = subscriber->wait(kLongPatience);
  CHECK(received.code == 0);
  CHECK(first_difference(without_ready(received.out), numbered_lines()) == "");
}

struct CutResult {
  std::string out;  ///< Of the subscriber, up to the last line and perhaps beyond.
  unsigned resets = 0;
};

/// Both ends with persistent sessions and a network that breaks five times.
CutResult run_cut(const std::string& qos, const std::string& version) {
  BrokerProcess broker(kLite);
  support::Proxy proxy(broker.port());
  auto subscriber = subscribed(
      broker.port(), {"-V", version, "-t", "Maison/Mesures", "-q", qos, "-c", "-i", "reader"},
      Family::ours, proxy.port());
  const auto start = proxy.bytes();
  // Odd places, so that packets are cut in two; all well before the end.
  proxy.reset_at({start + 100'003, start + 1'000'001, start + 2'500'007, start + 4'000'001,
                  start + 6'000'011});
  auto command = pub(
      proxy.port(), {"-V", version, "-t", "Maison/Mesures", "-l", "-q", qos, "-c", "-i", "writer"});
  command.input = numbered_lines();
  const auto published = Process(std::move(command)).wait(kLongPatience);
  CAPTURE(published.err);
  CHECK(published.code == 0);
  CHECK(subscriber->wait_for_line(last_line(), kLongPatience).has_value());
  subscriber->signal(SIGTERM);
  const auto received = subscriber->wait();
  CHECK(received.code == 0);
  return {without_ready(received.out), proxy.resets()};
}

}  // namespace

TEST_CASE("200,000 lines at QoS 1 arrive complete and in order") {
  check_uncut(kLite, "1");
  check_uncut(BrokerProcess::Kind::mosquitto, "1");
}

TEST_CASE("200,000 lines at QoS 2 arrive complete, in order, and none twice") {
  check_uncut(kLite, "2");
  check_uncut(BrokerProcess::Kind::mosquitto, "2");
}

TEST_CASE(
    "QoS 1 over five cut connections: complete, in the order of first arrival [MQTT-4.6.0-1]") {
  for (const std::string version : {"3.1.1", "5"}) {
    CAPTURE(version);
    const auto result = run_cut("1", version);
    CHECK(result.resets == 5);
    CHECK(first_difference(first_occurrences(result.out), numbered_lines()) == "");
  }
}

TEST_CASE("QoS 2 over five cut connections: complete, in order, and none twice [MQTT-4.3.3-1]") {
  for (const std::string version : {"3.1.1", "5"}) {
    CAPTURE(version);
    const auto result = run_cut("2", version);
    CHECK(result.resets == 5);
    CHECK(first_difference(result.out, numbered_lines()) == "");
  }
}
