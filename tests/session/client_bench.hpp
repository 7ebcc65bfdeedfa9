#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libmqtt/session/client_session.hpp"

namespace mqtt::test {

/// The bytes of the notation of wire_vectors.hpp, in hexadecimal: what sent() is compared with.
std::string hex(std::string_view wire);

ClientSessionOptions client_options(Version version);
Publish message(Qos qos, std::string_view topic, std::string_view payload);

/// A client session talked to in raw bytes and fake time. It is three sessions that see the same
/// bytes in chunks of 1, of 7 and all at once, and that must do the same.
class ClientUnderTest {
 public:
  explicit ClientUnderTest(const ClientSessionOptions& options);

  /// connected(), then takes CONNECT from the output.
  void connect();
  /// connect(), then this CONNACK: nothing else in between.
  void go_online(std::string_view connack);
  void disconnect();
  void receive(std::string_view wire);
  /// All that is in output(), consumed bit by bit.
  std::string sent();
  /// As above, of `count` bytes only.
  std::string sent(std::size_t count);
  void pass(Seconds seconds) { now_ += seconds; }
  TimePoint now() const { return now_; }

  /// The next event, which must be an E.
  template <class E>
  E expect() {
    auto event = poll();
    REQUIRE(event.has_value());
    REQUIRE(std::holds_alternative<E>(*event));
    return std::get<E>(std::move(*event));
  }
  /// Whether no event waits.
  bool is_quiet();

  /// The same call on all of them; the first one's result.
  template <class Call>
  auto all(Call call) {
    for (std::size_t i = 1; i < sessions_.size(); ++i) call(sessions_[i].session);
    return call(sessions_.front().session);
  }
  std::uint64_t publish(Qos qos, std::string_view topic = "t", std::string_view payload = "x");
  const ClientSession& session() const { return sessions_.front().session; }

 private:
  struct Chunked {
    std::size_t chunk;
    ClientSession session;
  };
  std::optional<ClientEvent> poll();
  std::string take(Chunked& chunked, std::size_t count);

  std::vector<Chunked> sessions_;
  TimePoint now_{Seconds(1'000)};
};

}  // namespace mqtt::test
