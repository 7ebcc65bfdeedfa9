#include "tests/e2e/clients.hpp"

#include <doctest/doctest.h>

#include "tests/support/raw_connection.hpp"

namespace e2e {
namespace {

constexpr std::string_view kReadyText = "the subscription stands";

Command client(std::string program, std::uint16_t port, const Arguments& arguments) {
  Command command{.argv = {std::move(program), "-h", "127.0.0.1", "-p", std::to_string(port)}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

/// A topic that nobody else has. Published by hand, so that a broken tool does not fail each test
/// at this place.
std::string retain_ready(std::uint16_t port) {
  static int count = 0;
  const auto topic = "e2e/ready/" + std::to_string(++count);
  std::string publish = support::from_hex("33 00 00 00");
  publish[3] = static_cast<char>(topic.size());
  publish += topic + support::from_hex("00 01") + std::string(kReadyText);
  publish[1] = static_cast<char>(publish.size() - 2);
  support::RawConnection connection(port);
  connection.send(support::from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 72"));
  REQUIRE(support::to_hex(connection.read_packet()) == "20 02 00 00");
  connection.send(publish);
  REQUIRE(support::to_hex(connection.read_packet()) == "40 02 00 01");
  connection.send(support::from_hex("E0 00"));
  return topic;
}

}  // namespace

std::string_view name(Family family) { return family == Family::ours ? "mq" : "mosquitto"; }

Arguments operator+(Arguments left, const Arguments& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Command pub(std::uint16_t port, const Arguments& arguments, Family family) {
  return client(family == Family::ours ? support::tool("mq-pub") : "mosquitto_pub", port,
                arguments);
}

Command sub(std::uint16_t port, const Arguments& arguments, Family family) {
  return client(family == Family::ours ? support::tool("mq-sub") : "mosquitto_sub", port,
                arguments);
}

std::unique_ptr<Process> subscribed(std::uint16_t broker, const Arguments& arguments, Family family,
                                    std::uint16_t through) {
  const auto ready_topic = retain_ready(broker);
  auto command = sub(through != 0 ? through : broker, arguments, family);
  command.argv.insert(command.argv.end(), {"-t", ready_topic});
  auto process = std::make_unique<Process>(std::move(command));
  if (!process->wait_for_line(kReadyText)) FAIL("no subscription: " << process->wait().err);
  return process;
}

std::string without_ready(std::string out) {
  const auto text = out.find(kReadyText);
  REQUIRE(text != std::string::npos);
  const auto line = text == 0 ? 0 : out.rfind('\n', text) + 1;
  out.erase(line, out.find('\n', text) + 1 - line);
  return out;
}

void publish(std::uint16_t port, const Arguments& arguments, Family family) {
  const auto end = support::run(pub(port, arguments, family));
  CHECK(end.err == "");
  CHECK(end.code == 0);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace e2e
