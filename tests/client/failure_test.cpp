#include "libmqtt/client/failure.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>

#include "tests/client/fixture.hpp"

using namespace mqtt;
using namespace mqtt::client;
using namespace mqtt::test;
using mqtt::net::test::run_until;
using Kind = Failure::Kind;

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
  CHECK(f.recorder.ended_by->text ==
        f.where() + ": connection refused: bad user name or password (4)");
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

TEST_CASE("a fault of the server is answered with DISCONNECT in 5.0 and not retried") {
  Fixture f([](Peer& peer, const Packet& packet) {
    if (is_connect(packet)) {
      peer.send(Connack{});
      peer.send_raw(std::string_view("\x00\x00", 2));
    }
  });
  f.start();
  REQUIRE(run_until(f.loop, [&] { return f.received<Disconnect>().size() == 1; }));
  CHECK(is_failure(f.received<Disconnect>()[0].reason_code));
  for (auto& peer : f.broker.peers()) peer->close();
  REQUIRE(f.run_until_stopped());
  CHECK(f.recorder.ended_by->kind == Kind::protocol);
  CHECK(f.recorder.ended_by->text.starts_with(f.where() + ": protocol error: "));
  CHECK(f.recorder.retries.empty());
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

TEST_CASE("a 3.x server that crashes again and again is sought on") {
  int rounds = 0;
  Fixture f(
      [&](Peer& peer, const Packet& packet) {
        if (!is_connect(packet)) return;
        peer.send(Connack{});
        peer.close();
        f.broker.stop_listening();  // As a process that ends does, at the same moment.
      },
      Version::v3_1_1);
  f.recorder.retry_hook = [&] {
    if (f.recorder.retries.back().kind == Kind::dial) f.broker.listen_again();
    if (++rounds == 100) f.client->abort();
  };
  f.start();
  REQUIRE(f.run_until_stopped());
  CHECK(!f.recorder.ended_by);
  CHECK(f.recorder.connacks.size() > 20);
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
