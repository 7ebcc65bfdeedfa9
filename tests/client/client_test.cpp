#include "libmqtt/client/client.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/client/scripted_broker.hpp"
#include "tests/net/loopback.hpp"

using namespace mqtt;
using namespace mqtt::client;
using mqtt::net::test::poll;
using mqtt::net::test::run_until;
using mqtt::test::ScriptedBroker;
using Peer = ScriptedBroker::Peer;
using Kind = Failure::Kind;

namespace {

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
  bool stopped = false;
  std::optional<Failure> ended_by;
  std::function<void(ClientEvent&)> event_hook;
  std::function<void()> retry_hook;
  std::function<void()> stopped_hook;
};

ClientOptions options_for(const net::Address& address, Version version) {
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
void behave(Peer& peer, const Packet& packet) {
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

ScriptedBroker::Script refuse_with(ReasonCode code) {
  return [code](Peer& peer, const Packet&) { peer.send(Connack{false, code, {}}); };
}

bool is_connect(const Packet& packet) { return std::holds_alternative<Connect>(packet); }

}  // namespace

TEST_CASE("a client connects, publishes, receives, and stops with DISCONNECT and no failure") {
  for (const Version version : {Version::v3_1, Version::v3_1_1, Version::v5_0}) {
    Fixture f(behave, version);
    f.start();
    REQUIRE(f.run_until_online());
    f.publish("echoed", Qos::at_most_once);
    f.publish("acknowledged", Qos::at_least_once);
    REQUIRE(run_until(f.loop,
                      [&] { return f.recorder.finished == 2 && !f.recorder.payloads.empty(); }));
    CHECK(f.recorder.payloads[0] == "echoed");
    f.client->stop();
    REQUIRE(f.run_until_stopped());
    CHECK_FALSE(f.recorder.ended_by);
    CHECK(f.received<Disconnect>().size() == 1);
  }
}

TEST_CASE("messages published before the connection is up are sent once it is") {
  Fixture f(behave);
  f.start();
  f.publish("early", Qos::at_least_once);
  REQUIRE(run_until(f.loop, [&] { return f.recorder.finished == 1; }));
  CHECK(f.received<Publish>().size() == 1);
}

TEST_CASE(
    "what was put into the output just before stop() still arrives, with DISCONNECT behind it") {
  Fixture f(behave);
  f.start();
  REQUIRE(f.run_until_online());
  for (int i = 0; i < 400; ++i) f.publish(std::string(100, 'x'), Qos::at_most_once);
  REQUIRE(f.client->session().waiting() == 0);
  f.client->stop();
  REQUIRE(f.run_until_stopped());
  REQUIRE(run_until(f.loop, [&] { return f.received<Disconnect>().size() == 1; }));
  CHECK(f.received<Publish>().size() == 400);
  CHECK(std::holds_alternative<Disconnect>(f.broker.received().back()));
}

TEST_CASE("a server that never closes after DISCONNECT is waited for only as long as the linger") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (is_connect(packet)) peer.send(Connack{});
  });
  f.start();
  REQUIRE(f.run_until_online());
  f.client->stop(ReasonCode::disconnect_with_will_message, std::chrono::milliseconds(20));
  REQUIRE(f.run_until_stopped());
  CHECK_FALSE(f.recorder.ended_by);
  REQUIRE(f.received<Disconnect>().size() == 1);
  CHECK(f.received<Disconnect>()[0].reason_code == ReasonCode::disconnect_with_will_message);
}

TEST_CASE("a refused connection is a dial failure that names host and port") {
  Fixture f(behave);
  f.broker.stop_listening();
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::dial);
  CHECK(f.recorder.ended_by->text == "connect " + f.where() + ": connection refused");
  CHECK(f.recorder.retries.empty());
}

TEST_CASE("a first attempt is retried only when asked for, and only so often") {
  Fixture f(behave);
  f.broker.stop_listening();
  f.options.retry_first = true;
  f.options.retries = 3;
  f.start();
  REQUIRE(f.run_until_stopped());
  CHECK(f.recorder.retries.size() == 3);
  CHECK(f.recorder.ended_by->kind == Kind::dial);
}

TEST_CASE("a CONNACK with a failure tells its code and words, in 5.0 with the server's own") {
  Fixture f([](Peer& peer, const Packet&) {
    PropertiesBuilder words;
    words.add(property::reason_string, "no \x1B[31mway\xC2\x9B");
    peer.send(Connack{false, ReasonCode::not_authorized, words.build()});
  });
  f.options.retry_first = true;
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::refused);
  CHECK(f.recorder.ended_by->reason_code == ReasonCode::not_authorized);
  CHECK(f.recorder.ended_by->is_permanent);
  CHECK(f.recorder.ended_by->text ==
        f.where() + ": connection refused: Not authorized (0x87): no ?[31mway?");
  CHECK(f.recorder.connacks.size() == 1);
}

TEST_CASE("refusals that stay are not retried, others are") {
  using enum ReasonCode;
  for (const ReasonCode code :
       {unsupported_protocol_version, client_identifier_not_valid, bad_user_name_or_password,
        not_authorized, banned, bad_authentication_method, session_taken_over}) {
    Fixture f(refuse_with(code));
    f.options.retry_first = true;
    f.start();
    REQUIRE(f.run_until_stopped());
    CHECK(f.recorder.retries.empty());
  }
  for (const ReasonCode code :
       {server_unavailable, server_busy, quota_exceeded, connection_rate_exceeded}) {
    Fixture f(refuse_with(code));
    f.options.retry_first = true;
    f.options.retries = 1;
    f.start();
    REQUIRE(f.run_until_stopped());
    CHECK(f.recorder.retries.size() == 1);
    CHECK_FALSE(f.recorder.ended_by->is_permanent);
  }
}

TEST_CASE("a 3.1.1 return code is told as the reason it stands for") {
  Fixture f(refuse_with(ReasonCode::bad_user_name_or_password), Version::v3_1_1);
  f.start();
  REQUIRE(f.run_until_stopped());
  CHECK(f.recorder.ended_by->reason_code == ReasonCode::bad_user_name_or_password);
  CHECK(f.recorder.ended_by->is_permanent);
}

TEST_CASE("a server that never answers CONNECT is given connect_timeout") {
  Fixture f([](Peer&, const Packet&) {});
  f.options.connect_timeout = std::chrono::milliseconds(50);
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::timeout);
  CHECK(f.recorder.ended_by->text == f.where() + ": connected, but no CONNACK within 0.05 s");
}

TEST_CASE("a connection closed before CONNACK is told as that") {
  Fixture f([](Peer& peer, const Packet&) { peer.close(); });
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::connection_lost);
  CHECK(f.recorder.ended_by->text == f.where() + ": connection closed before CONNACK");
}

TEST_CASE("a peer that does not speak MQTT is a protocol failure and not retried") {
  std::string answer;
  std::string why;
  SUBCASE("HTTP") {
    answer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    why = "it answers in HTTP";
  }
  SUBCASE("TLS alert") {
    answer = std::string("\x15\x03\x01\x00\x02\x02\x0A", 7);
    why = "it answers in TLS";
  }
  SUBCASE("another packet than CONNACK [MQTT-3.2.0-1]") {
    answer = std::string("\xD0\x00", 2);
    why = "its first packet is not CONNACK";
  }
  SUBCASE("a broken CONNACK") { answer = std::string("\x20\xFF\xFF\xFF\xFF", 5); }
  Fixture f([&](Peer& peer, const Packet& packet) {
    if (is_connect(packet)) peer.send_raw(answer);
  });
  f.options.retry_first = true;
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::protocol);
  CHECK(
      f.recorder.ended_by->text.starts_with(f.where() + ": the peer does not speak MQTT: " + why));
  CHECK(f.recorder.retries.empty());
}

TEST_CASE("a fault of the server in an open connection is answered with DISCONNECT in 5.0") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (is_connect(packet)) {
      peer.send(Connack{});
      peer.send_raw(std::string_view("\x00\x00", 2));
    }
  });
  f.options.reconnect = false;
  f.start();
  REQUIRE(run_until(f.loop, [&] { return f.received<Disconnect>().size() == 1; }));
  CHECK(is_failure(f.received<Disconnect>()[0].reason_code));
  for (auto& peer : f.broker.peers()) peer->close();
  REQUIRE(f.run_until_stopped());
  CHECK(f.recorder.ended_by->kind == Kind::protocol);
  CHECK(f.recorder.ended_by->text.starts_with(f.where() + ": protocol error: "));
}

TEST_CASE("a connection that is cut is made again, and what was unacknowledged is sent again") {
  bool orderly = true;
  SUBCASE("closed") {}
  SUBCASE("reset") { orderly = false; }
  Fixture f(
      [&](Peer& peer, const Packet& packet) {
        if (peer.index() < 3 && std::holds_alternative<Publish>(packet))
          return orderly ? peer.close() : peer.reset();
        if (is_connect(packet)) return peer.send(Connack{peer.index() > 0, {}, {}});
        behave(peer, packet);
      },
      Version::v3_1_1);
  f.options.session.connect.clean_start = false;
  f.start();
  f.publish("kept", Qos::at_least_once);
  REQUIRE(run_until(f.loop, [&] { return f.recorder.finished == 1; }));
  CHECK(f.recorder.retries.size() == 3);
  CHECK(f.recorder.retries[0].kind == Kind::connection_lost);
  CHECK(f.recorder.connacks.size() == 4);
  CHECK(f.recorder.connacks.back().session_present);
  const auto publishes = f.received<Publish>();
  REQUIRE(publishes.size() == 4);
  CHECK_FALSE(publishes.front().dup);
  CHECK(publishes.back().dup);  // [MQTT-3.3.1-1]
  CHECK(publishes.back().packet_id == publishes.front().packet_id);
}

TEST_CASE("without reconnect the first loss is the end") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (!is_connect(packet)) return;
    peer.send(Connack{});
    peer.close();
  });
  f.options.reconnect = false;
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::connection_lost);
  CHECK(f.recorder.ended_by->text == f.where() + ": connection closed by the server");
}

TEST_CASE("retries count in a row: an established connection begins again") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (!is_connect(packet)) return;
    if (peer.index() % 3 == 0 && peer.index() < 9) peer.send(Connack{});
    peer.close();
  });
  f.options.retries = 3;
  f.start();
  REQUIRE(f.run_until_stopped());
  // Up at 0, 3 and 6, then three attempts that fail.
  CHECK(f.broker.peers().size() == 10);
  CHECK(f.recorder.connacks.size() == 3);
}

TEST_CASE("the server's DISCONNECT decides: a takeover ends it, a shutdown is retried") {
  ReasonCode code{};
  std::size_t retries = 0;
  SUBCASE("taken over") { code = ReasonCode::session_taken_over; }
  SUBCASE("shutting down") {
    code = ReasonCode::server_shutting_down;
    retries = 2;
  }
  Fixture f([&](Peer& peer, const Packet& packet) {
    if (!is_connect(packet)) return;
    if (peer.index() == 0) peer.send(Connack{});
    peer.send(Disconnect{code, {}});
    peer.close();
  });
  f.options.retries = 2;
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::server_disconnect);
  CHECK(f.recorder.ended_by->reason_code == code);
  CHECK(f.recorder.retries.size() == retries);
}

TEST_CASE("a 3.x session that is taken over again and again is given up") {
  const auto closes_at_once = [](Peer& peer, const Packet& packet) {
    if (!is_connect(packet)) return;
    peer.send(Connack{});
    peer.close();
  };
  Fixture f(closes_at_once, Version::v3_1_1);
  f.start();
  REQUIRE(f.run_until_stopped());
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->reason_code == ReasonCode::session_taken_over);
  CHECK(f.recorder.ended_by->text.find("'tester'") != std::string::npos);
  CHECK(f.recorder.connacks.size() == 10);
}

TEST_CASE("a line that is reset again and again is not taken for a takeover") {
  Fixture f(
      [](Peer& peer, const Packet& packet) {
        if (is_connect(packet)) peer.send(Connack{});
        if (peer.index() < 30 && std::holds_alternative<Publish>(packet)) return peer.reset();
        if (!is_connect(packet)) behave(peer, packet);
      },
      Version::v3_1_1);
  f.options.session.connect.clean_start = false;
  f.start();
  f.publish("through", Qos::at_least_once);
  REQUIRE(run_until(f.loop, [&] { return f.recorder.finished == 1; }));
  CHECK(f.recorder.connacks.size() == 31);
}

TEST_CASE("a silent server is found out by the keep-alive [MQTT-3.1.2-20]") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (is_connect(packet)) peer.send(Connack{});
  });
  f.options.session.connect.keep_alive = 1;
  f.options.reconnect = false;
  f.start();
  REQUIRE(f.run_until_stopped());
  CHECK(f.received<Pingreq>().size() >= 1);
  REQUIRE(f.recorder.ended_by);
  CHECK(f.recorder.ended_by->kind == Kind::connection_lost);
  CHECK(f.recorder.ended_by->reason_code == ReasonCode::keep_alive_timeout);
}

TEST_CASE("while reading is paused the server's silence is not held against it") {
  Fixture f(behave);
  f.options.session.connect.keep_alive = 1;
  f.start();
  REQUIRE(f.run_until_online());
  f.client->pause_reading();
  REQUIRE(run_until(f.loop, [&] { return f.received<Pingreq>().size() == 3; }));
  CHECK(f.client->is_online());
  CHECK(f.recorder.retries.empty());
}

TEST_CASE("paused reading holds messages back, and goes on where it was") {
  Fixture f(behave);
  f.start();
  REQUIRE(f.run_until_online());
  f.client->pause_reading();
  f.publish("1", Qos::at_most_once);
  REQUIRE(run_until(f.loop, [&] { return f.received<Publish>().size() == 1; }));
  for (int i = 0; i < 5; ++i) poll(f.loop);
  CHECK(f.recorder.payloads.empty());
  f.client->resume_reading();
  REQUIRE(run_until(f.loop, [&] { return f.recorder.payloads.size() == 1; }));
}

TEST_CASE("a pause lasts across a reconnect, but does not keep CONNACK out") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (is_connect(packet)) peer.send(Connack{});
  });
  f.start();
  REQUIRE(f.run_until_online());
  f.client->pause_reading();
  f.client->wake();
  f.broker.peers()[0]->close();
  poll(f.loop);
  f.client->resume_reading();
  REQUIRE(run_until(f.loop, [&] { return f.recorder.retries.size() == 1; }));
  f.client->pause_reading();
  REQUIRE(run_until(f.loop, [&] { return f.recorder.connacks.size() == 2; }));
  f.broker.peers()[1]->send(
      Publish{Bytes::copy(std::string_view("t")), {}, {}, 0, {}, false, false});
  for (int i = 0; i < 5; ++i) poll(f.loop);
  CHECK(f.recorder.payloads.empty());
  f.client->resume_reading();
  REQUIRE(run_until(f.loop, [&] { return f.recorder.payloads.size() == 1; }));
}

TEST_CASE("stop() while offline ends at once, from the loop, in every phase") {
  Fixture f([](Peer&, const Packet&) {});
  SUBCASE("dialling") { f.start(); }
  SUBCASE("awaiting CONNACK") {
    f.start();
    REQUIRE(run_until(f.loop, [&] { return f.received<Connect>().size() == 1; }));
  }
  SUBCASE("waiting for the next attempt") {
    f.broker.stop_listening();
    f.options.retry_first = true;
    f.options.backoff.first = f.options.backoff.most = Seconds(1000);
    f.start();
    REQUIRE(run_until(f.loop, [&] { return f.recorder.retries.size() == 1; }));
  }
  f.client->stop();
  CHECK_FALSE(f.recorder.stopped);
  REQUIRE(f.run_until_stopped());
  CHECK_FALSE(f.recorder.ended_by);
  f.client->stop();
  f.client->abort();
  f.client->wake();
  f.broker.stop_listening();
  f.broker.peers().clear();
  f.loop.context().restart();
  f.loop.run();  // Returns: the client has left nothing behind.
}

TEST_CASE("abort() closes without DISCONNECT and without a retry") {
  Fixture f(behave);
  f.start();
  REQUIRE(f.run_until_online());
  f.client->abort();
  REQUIRE(f.run_until_stopped());
  CHECK_FALSE(f.recorder.ended_by);
  REQUIRE(run_until(f.loop, [&] { return f.broker.peers()[0]->is_closed(); }));
  CHECK(f.received<Disconnect>().empty());
  CHECK(f.recorder.retries.empty());
}

TEST_CASE("the client may be stopped, aborted or destroyed inside any callback") {
  Fixture f([](Peer& peer, const Packet& packet) {
    behave(peer, packet);
    if (std::holds_alternative<Subscribe>(packet)) peer.close();
  });
  std::function<void()> act;
  SUBCASE("stop") {
    act = [&] { f.client->stop(); };
  }
  SUBCASE("abort") {
    act = [&] { f.client->abort(); };
  }
  SUBCASE("destroy") {
    act = [&] { f.client.reset(); };
  }
  // Cut after each step: the connection, a message, a finished publish, a retry.
  for (const std::size_t step : {0U, 1U, 2U, 3U}) {
    f.recorder = Recorder();
    bool acted = false;
    const auto act_at = [&](std::size_t here) {
      if (here == step && !std::exchange(acted, true)) act();
    };
    f.recorder.event_hook = [&](ClientEvent& event) {
      if (std::holds_alternative<client_event::Connected>(event)) {
        f.publish("message", Qos::at_most_once);
        f.client->session().subscribe({0, {{Bytes::copy(std::string_view("t")), {}}}, {}},
                                      f.loop.now());
        act_at(0);
      }
      if (std::holds_alternative<client_event::MessageReceived>(event)) act_at(1);
      if (std::holds_alternative<client_event::PublishFinished>(event)) act_at(2);
    };
    f.recorder.retry_hook = [&] { act_at(3); };
    f.start();
    REQUIRE(run_until(f.loop, [&] { return acted && (!f.client || f.recorder.stopped); }));
    CHECK_FALSE(f.recorder.ended_by);
    f.client.reset();
  }
}

TEST_CASE("on_stopped may destroy the client") {
  Fixture f(behave);
  f.recorder.stopped_hook = [&] { f.client.reset(); };
  f.start();
  REQUIRE(f.run_until_online());
  f.client->stop();
  REQUIRE(f.run_until_stopped());
  CHECK(f.client == nullptr);
}

TEST_CASE("a loop may be destroyed with a client's posted end still waiting") {
  Recorder recorder;
  {
    net::Loop loop;
    Client client(loop, options_for({net::Address::Scheme::mqtt, "127.0.0.1", 1}, Version::v5_0),
                  recorder);
    client.start();
    client.stop();
  }
  CHECK_FALSE(recorder.stopped);
}
