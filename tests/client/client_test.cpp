#include "libmqtt/client/client.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/client/fixture.hpp"

using namespace mqtt;
using namespace mqtt::client;
using namespace mqtt::test;
using mqtt::net::test::poll;
using mqtt::net::test::run_until;
using Kind = Failure::Kind;

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

TEST_CASE("a client that has stopped can start again, with its session") {
  for (const bool is_cut : {false, true}) {
    Fixture f(behave);
    f.start();
    REQUIRE(f.run_until_online());
    if (is_cut)
      f.client->abort();
    else
      f.client->stop();
    f.client->start();  // Too early: it is not over yet.
    REQUIRE(f.run_until_stopped());
    CHECK(f.recorder.connacks.size() == 1);
    f.publish("meanwhile", Qos::at_least_once);
    f.recorder.stopped = false;
    f.client->start();
    REQUIRE(run_until(f.loop, [&] { return f.recorder.finished == 1; }));
    CHECK(f.recorder.connacks.size() == 2);
    f.client->stop();
    REQUIRE(f.run_until_stopped());
    CHECK_FALSE(f.recorder.ended_by);
  }
}

TEST_CASE("a client that starts again is as patient as one whose connection was lost") {
  bool reconnects = true;
  SUBCASE("tried again") {}
  SUBCASE("not with reconnect off") { reconnects = false; }
  Fixture f([](Peer& peer, const Packet& packet) {
    const bool is_refused = is_connect(packet) && (peer.index() == 1 || peer.index() == 2);
    if (is_refused) return peer.send(Connack{false, ReasonCode::server_busy, {}});
    behave(peer, packet);
  });
  f.options.reconnect = reconnects;
  f.start();
  REQUIRE(f.run_until_online());
  f.client->stop();
  REQUIRE(f.run_until_stopped());
  f.recorder.stopped = false;
  f.client->start();
  REQUIRE(run_until(f.loop, [&] { return f.client->is_online() || f.recorder.stopped; }));
  CHECK(f.client->is_online() == reconnects);
  CHECK(f.recorder.retries.size() == (reconnects ? 2 : 0));
}

TEST_CASE("a connection that the owner drops is tried again, for the reason that it gave") {
  Fixture f(behave);
  f.start();
  f.client->drop("too early");
  REQUIRE(f.run_until_online());
  f.client->drop("no answer");
  REQUIRE(run_until(f.loop, [&] { return f.recorder.connacks.size() == 2; }));
  REQUIRE(f.recorder.retries.size() == 1);
  CHECK(f.recorder.retries[0].kind == Kind::connection_lost);
  CHECK(f.recorder.retries[0].text.ends_with(": no answer"));
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

TEST_CASE("a server that resets the connection after stop() has cut the client off") {
  bool is_reset = false;
  SUBCASE("reset") { is_reset = true; }
  SUBCASE("closed in order") {}
  Fixture f([&](Peer& peer, const Packet& packet) {
    if (is_reset && std::holds_alternative<Disconnect>(packet)) return peer.reset();
    behave(peer, packet);
  });
  f.start();
  REQUIRE(f.run_until_online());
  f.client->stop();
  REQUIRE(f.run_until_stopped());
  CHECK(f.recorder.is_cut_off == is_reset);
  CHECK_FALSE(f.recorder.ended_by);
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
