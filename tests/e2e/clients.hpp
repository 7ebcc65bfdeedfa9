#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/broker_process.hpp"
#include "tests/support/process.hpp"

namespace e2e {

using support::BrokerProcess;
using support::Command;
using support::Exit;
using support::Process;

/// Whose command-line tools: mq-pub and mq-sub, or mosquitto_pub and mosquitto_sub.
enum class Family { ours, mosquitto };
std::string_view name(Family family);

inline constexpr auto kLite = BrokerProcess::Kind::mq_broker_lite;

using Arguments = std::vector<std::string>;
Arguments operator+(Arguments left, const Arguments& right);

/// A publishing tool on 127.0.0.1:port.
Command pub(std::uint16_t port, const Arguments& arguments, Family family = Family::ours);
/// A subscribing tool on 127.0.0.1:port.
Command sub(std::uint16_t port, const Arguments& arguments, Family family = Family::ours);

/// A subscriber whose subscriptions stand when this returns: besides `arguments` it subscribes to
/// a topic of its own with a retained message, and has printed that.
/// `through` is the port to connect to when that is not the broker's own.
std::unique_ptr<Process> subscribed(std::uint16_t broker, const Arguments& arguments,
                                    Family family = Family::ours, std::uint16_t through = 0);
/// Its output without the line that tells.
std::string without_ready(std::string out);

/// Runs a publisher to its end; a failure of the test if it says anything or fails.
void publish(std::uint16_t port, const Arguments& arguments, Family family = Family::ours);

std::vector<std::string> lines_of(std::string_view text);
bool contains(const std::string& text, std::string_view part);

}  // namespace e2e
