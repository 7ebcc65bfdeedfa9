#include "tests/support/broker_process.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <csignal>

#include "tests/support/loopback.hpp"

namespace support {

std::string_view name(BrokerProcess::Kind kind) {
  return kind == BrokerProcess::Kind::mosquitto ? "mosquitto" : "mq-broker-lite";
}

BrokerProcess::BrokerProcess(Kind kind, const std::vector<std::string>& settings) {
  bool is_up = false;
  for (int attempt = 0; attempt < 10 && !is_up; ++attempt) {
    is_up = kind == Kind::mosquitto ? start_mosquitto(settings) : start_lite(settings);
  }
  if (!is_up) FAIL(name(kind) << " did not start: " << process_->wait().err);
}

BrokerProcess::BrokerProcess(const Configuration& configuration) {
  process_ = std::make_unique<Process>(
      Command{.argv = {tool("mq-broker-lite"), "-v", "-c", write(configuration)}});
  if (!wait_for_port()) FAIL("mq-broker-lite did not start: " << process_->wait().err);
}

std::string BrokerProcess::write(const Configuration& configuration) const {
  std::string text;
  for (const auto& line : configuration.lines) text += line + "\n";
  return directory_.write("mq-broker-lite.conf", text);
}

std::string BrokerProcess::reload(const Configuration& configuration) {
  write(configuration);
  process_->signal(SIGHUP);
  return process_->wait_for_error("reload: ").value_or("");
}

bool BrokerProcess::start_lite(const std::vector<std::string>& arguments) {
  Command command{.argv = {tool("mq-broker-lite"), "-p", "0"}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(std::move(command));
  return wait_for_port();
}

bool BrokerProcess::wait_for_port() {
  const std::string_view start = "mq-broker-lite: listening on 127.0.0.1:";
  const auto line = process_->wait_for_line(start);
  if (!line) return false;
  std::from_chars(line->data() + start.size(), line->data() + line->size(), port_);
  return true;
}

bool BrokerProcess::start_mosquitto(const std::vector<std::string>& lines) {
  port_ = free_port();
  std::string configuration = "listener " + port_text() + " 127.0.0.1\nallow_anonymous true\n" +
                              "user root\nlog_dest stderr\nlog_type all\n";
  for (const auto& line : lines) configuration += line + "\n";
  const auto file = directory_.write("mosquitto.conf", configuration);
  process_ = std::make_unique<Process>(Command{.argv = {"mosquitto", "-c", file}});
  return process_->wait_for_error(" running").has_value();
}

}  // namespace support
