#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/client/client.hpp"
#include "tests/client/scripted_broker.hpp"
#include "tests/net/loopback.hpp"

namespace mqtt::test {

using client::Client;
using client::ClientOptions;
using client::Failure;
using net::test::run_until;
using Peer = ScriptedBroker::Peer;

/// Keeps what the client tells; what a test wants to happen inside a callback is a function.
class Recorder : public Client::Handler {
 public:
  void on_event(ClientEvent& event) override {
    if (auto* connected = std::get_if<client_event::Connected>(&event))
      connacks.push_back(connected->connack);
    if (auto* message = std::get_if<client_event::MessageReceived>(&event))
      payloads.emplace_back(message->publish.payload.view());
    if (std::holds_alternative<client_event::PublishFinished>(event)) ++finished;
    if (std::holds_alternative<client_event::Subscribed>(event)) ++subscribed;
    if (event_hook) event_hook(event);
  }
  void on_retry(const Failure& failure, Duration) override {
    retries.push_back(failure);
    if (retry_hook) retry_hook();
  }
  void on_cut_off() override { is_cut_off = true; }
  void on_stopped(const std::optional<Failure>& failure) override {
    CHECK_FALSE(stopped);
    stopped = true;
    ended_by = failure;
    if (stopped_hook) stopped_hook();
  }

  std::vector<Connack> connacks;
  std::vector<std::string> payloads;
  std::size_t finished = 0;
  std::size_t subscribed = 0;
  std::vector<Failure> retries;
  bool is_cut_off = false;
  bool stopped = false;
  std::optional<Failure> ended_by;
  std::function<void(ClientEvent&)> event_hook;
  std::function<void()> retry_hook;
  std::function<void()> stopped_hook;
};

inline ClientOptions options_for(const net::Address& address, Version version) {
  ClientOptions options;
  options.address = address;
  options.session.connect.version = version;
  options.session.connect.client_id = Bytes::copy(std::string_view("tester"));
  options.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(5), 0.25};
  return options;
}

/// A client, the server that it talks to, and what it told.
struct Fixture {
  explicit Fixture(ScriptedBroker::Script script, Version version = Version::v5_0)
      : broker(loop, version, std::move(script)), options(options_for(broker.address(), version)) {}

  void start() {
    client = std::make_unique<Client>(loop, options, recorder);
    client->start();
  }
  bool run_until_stopped() {
    return run_until(loop, [&] { return recorder.stopped; });
  }
  bool run_until_online() {
    return run_until(loop, [&] { return client->is_online(); });
  }
  void publish(std::string_view payload, Qos qos) {
    Publish message;
    message.topic = Bytes::copy(std::string_view("t"));
    message.payload = Bytes::copy(payload);
    message.qos = qos;
    client->session().publish(std::move(message), loop.now());
    client->wake();
  }
  template <class T>
  std::vector<T> received() {
    std::vector<T> found;
    for (const Packet& packet : broker.received())
      if (const T* one = std::get_if<T>(&packet)) found.push_back(*one);
    return found;
  }
  std::string where() const { return net::to_string(options.address); }

  net::Loop loop;
  ScriptedBroker broker;
  ClientOptions options;
  Recorder recorder;
  std::unique_ptr<Client> client;
};

/// A well-behaved server for one client: accepts, acknowledges, echoes QoS 0 messages.
inline void behave(Peer& peer, const Packet& packet) {
  if (std::holds_alternative<Connect>(packet)) {
    peer.send(Connack{});
  } else if (const auto* publish = std::get_if<Publish>(&packet)) {
    if (publish->qos == Qos::at_least_once) peer.send(Puback{publish->packet_id, {}, {}});
    if (publish->qos == Qos::at_most_once) peer.send(*publish);
  } else if (const auto* subscribe = std::get_if<Subscribe>(&packet)) {
    peer.send(Suback{subscribe->packet_id, {ReasonCode::success}, {}});
  } else if (std::holds_alternative<Pingreq>(packet)) {
    peer.send(Pingresp{});
  } else if (std::holds_alternative<Disconnect>(packet)) {
    peer.close();
  }
}

inline ScriptedBroker::Script refuse_with(ReasonCode code) {
  return [code](Peer& peer, const Packet&) { peer.send(Connack{false, code, {}}); };
}

inline bool is_connect(const Packet& packet) { return std::holds_alternative<Connect>(packet); }

}  // namespace mqtt::test
