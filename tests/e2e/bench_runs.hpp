#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/packet.hpp"
#include "tests/e2e/clients.hpp"
#include "tests/support/faults.hpp"

namespace e2e {

// What may befall a run on its way.
using mqtt::PacketType;
using support::Fault;
using support::FaultProxy;
using support::Way;
using Kind = support::Fault::Kind;

/// mq-bench on 127.0.0.1:port with its JSON on stdout. A busy machine may not make a test of
/// anything else invalid: --allow-limited is among the arguments unless `judges_itself`.
Command bench(std::uint16_t port, const std::string& mode, const Arguments& arguments,
              bool judges_itself = false);

/// What a file holds; nothing when it is not there.
std::string content_of(const std::string& path);

/// What a payload of mq-bench begins with (spec, part B 3.3), read by code that is not mq-bench's.
struct Stamp {
  std::uint32_t publisher = 0;
  std::uint32_t sequence = 0;
  mqtt::TimePoint intended;  ///< Whole microseconds.
};
Stamp stamp_of(std::string_view payload);
/// Whether it is a message of the load, and no probe.
bool is_load(const mqtt::Publish& publish);

/// How a run of mq-bench ended, and its result as a parser that is not ours reads it. Values are
/// named by JSON pointers: "/counters/lost". One that is not there is a failure of the test.
class BenchRun {
 public:
  explicit BenchRun(Exit end);

  const Exit& end() const { return end_; }
  int code() const { return end_.code; }
  std::int64_t number(const std::string& pointer) const;
  std::int64_t counter(const std::string& name) const { return number("/counters/" + name); }
  double real(const std::string& pointer) const;
  std::string text(const std::string& pointer) const;
  bool flag(const std::string& pointer) const;
  bool has(const std::string& pointer) const;
  /// The elements of an array of strings, one a line.
  std::string lines(const std::string& pointer) const;
  /// The first line of what a person reads.
  std::string headline() const;
  /// What the balance sheet promises (spec, part B 3.3).
  void check_balance() const;

 private:
  const nlohmann::json& at(const std::string& pointer) const;

  Exit end_;
  std::shared_ptr<const nlohmann::json> json_;
};

/// Runs it to its end.
BenchRun run_bench(std::uint16_t port, const std::string& mode, const Arguments& arguments,
                   bool judges_itself = false);

}  // namespace e2e
