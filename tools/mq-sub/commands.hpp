#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "libmqtt/codec/packet.hpp"
#include "libmqtt/net/loop.hpp"

namespace mq_sub {

/// How a command ended.
struct CommandEnd {
  int exit_code = 0;  ///< Meaningless when signal is not 0.
  int signal = 0;
};

/// Runs a command for a message, several at a time when asked for, on a Loop: words to execvp(3),
/// no shell; the payload is a file open as standard input; MQTT_TOPIC, MQTT_QOS and MQTT_RETAIN are
/// in the environment. Each is reaped when it ends. Destroying it sends SIGTERM to those that run.
class Commands {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// The command started with this number has ended and been reaped.
    virtual void on_command_ended(std::uint64_t number, CommandEnd end) = 0;
  };

  Commands(mqtt::net::Loop& loop, std::vector<std::string> words, Handler& handler);
  ~Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  std::error_code start(const mqtt::Publish& message, std::uint64_t number);
  std::size_t running() const { return running_.size(); }

 private:
  struct Running;
  void ended(Running& command);

  mqtt::net::Loop& loop_;
  std::vector<std::string> words_;
  Handler& handler_;
  std::vector<std::unique_ptr<Running>> running_;
};

}  // namespace mq_sub
