#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace support {

/// The lines of a configuration file.
struct Configuration {
  std::vector<std::string> lines;
};

/// A broker on a free port of 127.0.0.1, ready for connections once constructed (running() says
/// whether it came up); killed on destruction.
class BrokerProcess {
 public:
  enum class Kind { mq_broker_lite, mosquitto };

  /// `settings`: arguments for mq-broker-lite, lines of the configuration file for mosquitto.
  explicit BrokerProcess(Kind kind, const std::vector<std::string>& settings = {});
  /// mq-broker-lite -v with a configuration file of these lines; port() is the first that it
  /// listens on at 127.0.0.1 ("listener 0 127.0.0.1").
  explicit BrokerProcess(const Configuration& configuration);

  std::uint16_t port() const { return port_; }
  /// The port as an argument: {"-p", port_text()}.
  std::string port_text() const { return std::to_string(port_); }
  Process& process() { return *process_; }
  /// Writes another configuration file, sends SIGHUP, and returns what the log says of it.
  std::string reload(const Configuration& configuration);

 private:
  std::string write(const Configuration& configuration) const;
  bool start_lite(const std::vector<std::string>& arguments);
  bool wait_for_port();
  /// False when it ended at once, say because somebody else took the port meanwhile.
  bool start_mosquitto(const std::vector<std::string>& lines);

  TempDir directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

std::string_view name(BrokerProcess::Kind kind);

}  // namespace support
