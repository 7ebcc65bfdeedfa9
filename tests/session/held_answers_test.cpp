#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/session/server_session.hpp"

using namespace mqtt;

// What a server with a store says, and when: nothing that rests on changes which are not committed.

namespace {

const TimePoint kStart{std::chrono::hours(1)};

/// A lasting session on a connection of its own; bytes as texts, one character each.
struct Server {
  Journal journal;
  SessionState state;
  Traffic traffic;
  ServerSession session{{}, traffic, kStart};

  explicit Server(bool is_lasting = true) {
    state.journal = &journal;
    state.number = journal.new_session_number();
    state.is_lasting = is_lasting;
  }
  void receive(std::string_view bytes) { session.receive(as_bytes(bytes), kStart); }
  std::optional<ServerEvent> poll() { return session.poll_event(); }

  /// CONNECT of 5.0, with room for one topic alias, and its answer.
  void connect() {
    using namespace std::string_view_literals;
    receive("\x10\x11\0\4MQTT\5\0\0\0\3\x22\0\1\0\1a"sv);
    REQUIRE(poll());
    journal.session_kept(state.number, {});
    session.accept({}, state);
  }
  void commit() {
    if (journal.has_open_changes()) journal.committed(journal.take().first);
  }
  /// What the client would get now.
  std::string sent() {
    session.fill_output(kStart);
    std::string all;
    std::array<std::span<const std::byte>, 16> pieces;
    while (!session.output().empty()) {
      const std::size_t count = session.output().gather(pieces);
      std::size_t total = 0;
      for (const auto& piece : std::span(pieces).first(count)) {
        all += as_text(piece);
        total += piece.size();
      }
      session.written(total);
    }
    return all;
  }
  void queue(Qos qos, std::string_view payload) {
    Message message;
    message.topic = Bytes::copy("t");
    message.payload = Bytes::copy(payload);
    message.qos = qos;
    REQUIRE(state.queue.push({.message = MessagePtr::make(std::move(message)), .qos = qos}, {}));
    if (qos != Qos::at_most_once) journal.queued(state.number, state.queue.back(), {});
  }
  std::vector<char> types() {
    std::vector<char> all;
    const std::string bytes = sent();
    for (std::size_t at = 0; at < bytes.size();
         at += 2U + static_cast<unsigned char>(bytes[at + 1]))
      all.push_back(static_cast<char>(static_cast<unsigned char>(bytes[at]) >> 4U));
    return all;
  }
};

struct Connected : Server {
  Connected() {
    connect();
    commit();
    REQUIRE_FALSE(sent().empty());
  }
};

using Types = std::vector<char>;
constexpr char kPublish = 3;
constexpr char kPuback = 4;
constexpr char kPubrec = 5;
constexpr char kPubrel = 6;
constexpr char kPubcomp = 7;
constexpr char kPingresp = 13;

}  // namespace

TEST_CASE("CONNACK of a lasting session waits for the commit, and nothing goes before it") {
  Server server;
  server.connect();
  server.queue(Qos::at_most_once, "0");
  server.receive(std::string_view("\xC0\0", 2));
  CHECK_FALSE(server.poll());
  CHECK(server.types() == Types{});
  CHECK(server.session.is_holding_back());
  server.commit();
  CHECK(server.types() == Types{2, kPingresp, kPublish});
  CHECK_FALSE(server.session.is_holding_back());
}

TEST_CASE("a server that ends before CONNACK is committed says nothing at all [MQTT-3.14.0-1]") {
  Server server;
  server.connect();
  server.session.disconnect(ReasonCode::server_shutting_down);
  CHECK(server.types() == Types{});
}

TEST_CASE("PUBACK and PUBREC wait for what the message has changed") {
  Connected server;
  for (const auto& [packet, answer] :
       {std::pair{std::string_view("\x32\6\0\1t\0\7\0", 8), kPuback},
        std::pair{std::string_view("\x34\6\0\1t\0\x8\0", 8), kPubrec}}) {
    server.receive(packet);
    auto event = server.poll();
    REQUIRE(event);
    const Publish& publish = std::get<server_event::Published>(*event).publish;
    server.journal.retained_set(MessagePtr::make({}), {});  // a broker's doing
    server.session.acknowledge(publish.packet_id, publish.qos, ReasonCode::success);
    CHECK(server.types() == Types{});
    server.commit();
    CHECK(server.types() == Types{answer});
  }
}

TEST_CASE(
    "PUBACK of a message that changes nothing lasting does not wait, but behind one that does") {
  Connected server;
  server.receive(std::string_view("\x32\6\0\1t\0\7\0", 8));
  REQUIRE(server.poll());
  server.session.acknowledge(7, Qos::at_least_once, ReasonCode::no_matching_subscribers);
  CHECK(server.types() == Types{kPuback});

  server.receive(std::string_view("\x32\6\0\1t\0\1\0\x32\6\0\1t\0\2\0", 16));
  REQUIRE(server.poll());
  server.journal.retained_set(MessagePtr::make({}), {});
  server.session.acknowledge(1, Qos::at_least_once, ReasonCode::success);
  REQUIRE(server.poll());
  server.session.acknowledge(2, Qos::at_least_once, ReasonCode::success);
  CHECK(server.types() == Types{});
  server.commit();
  CHECK(server.types() == Types{kPuback, kPuback});
}

TEST_CASE("A QoS 2 message that comes again is not acknowledged before it is committed either") {
  Connected server;
  server.receive(std::string_view("\x34\6\0\1t\0\x8\0", 8));
  REQUIRE(server.poll());
  server.session.acknowledge(8, Qos::exactly_once, ReasonCode::success);
  server.receive(std::string_view("\x3C\6\0\1t\0\x8\0", 8));
  CHECK_FALSE(server.poll());
  CHECK(server.types() == Types{});
  server.commit();
  CHECK(server.types() == Types{kPubrec, kPubrec});
}

TEST_CASE("PUBCOMP waits: else a reused identifier would swallow a new message after a crash") {
  Connected server;
  server.receive(std::string_view("\x34\6\0\1t\0\x8\0", 8));
  REQUIRE(server.poll());
  server.session.acknowledge(8, Qos::exactly_once, ReasonCode::success);
  server.commit();
  CHECK(server.types() == Types{kPubrec});
  server.receive(std::string_view("\x62\2\0\x8", 4));
  CHECK_FALSE(server.poll());
  CHECK(server.types() == Types{});
  server.commit();
  CHECK(server.types() == Types{kPubcomp});
}

TEST_CASE("QoS 2 messages and their PUBREL wait, QoS 0 and 1 go at once") {
  Connected server;
  server.queue(Qos::exactly_once, "2");
  server.queue(Qos::at_least_once, "1");
  server.queue(Qos::at_most_once, "0");
  CHECK(server.types() == Types{kPublish, kPublish});
  server.commit();
  CHECK(server.types() == Types{kPublish});
  server.receive(std::string_view("\x50\2\0\1", 4));
  CHECK_FALSE(server.poll());
  CHECK(server.types() == Types{});
  server.commit();
  CHECK(server.types() == Types{kPubrel});
}

TEST_CASE("A message that may be overtaken sets up no topic alias [MQTT-3.3.2-11]") {
  Connected server;
  server.queue(Qos::exactly_once, "2");
  CHECK(server.sent().empty());  // sets the alias up, if it did
  server.queue(Qos::at_least_once, "1");
  const std::string overtakes = server.sent();
  CHECK(overtakes.find(std::string_view("\0\1t", 3)) != std::string::npos);  // its topic is whole
  server.commit();
  CHECK(server.sent().find(std::string_view("\0\1t", 3)) != std::string::npos);
}

TEST_CASE("A session that ends with its connection waits for nothing of its own") {
  Server server(false);
  server.connect();
  CHECK(server.types() == Types{2});
  server.queue(Qos::exactly_once, "2");
  CHECK(server.types() == Types{kPublish});
}
