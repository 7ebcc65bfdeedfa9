#include "tests/session/client_bench.hpp"

#include <algorithm>
#include <array>

#include "tests/support/wire_vectors.hpp"

namespace mqtt::test {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte) >> 4];
    text += kDigits[std::to_integer<std::size_t>(byte) & 15];
    text += ' ';
  }
  return text;
}

}  // namespace

std::string hex(std::string_view wire) { return to_hex(parse_wire(wire).span()); }

ClientSessionOptions client_options(Version version) {
  ClientSessionOptions options;
  options.connect.version = version;
  options.connect.client_id = Bytes::copy("c");
  return options;
}

Publish message(Qos qos, std::string_view topic, std::string_view payload) {
  Publish publish;
  publish.topic = Bytes::copy(topic);
  publish.payload = Bytes::copy(payload);
  publish.qos = qos;
  return publish;
}

ClientUnderTest::ClientUnderTest(const ClientSessionOptions& options) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, SIZE_MAX})
    sessions_.push_back({chunk, ClientSession(options)});
}

void ClientUnderTest::connect() {
  all([&](ClientSession& session) { session.connected(now_); });
  sent();
}

void ClientUnderTest::go_online(std::string_view connack) {
  connect();
  receive(connack);
}

void ClientUnderTest::disconnect() {
  all([&](ClientSession& session) { session.disconnected(now_); });
}

void ClientUnderTest::receive(std::string_view wire) {
  const Bytes bytes = parse_wire(wire);
  for (auto& [chunk, session] : sessions_) {
    for (auto rest = bytes.span(); !rest.empty();) {
      // A copy on the heap of its own, so that a sanitizer sees whoever keeps a view of it.
      const auto part = rest.first(std::min(chunk, rest.size()));
      session.receive(std::vector<std::byte>(part.begin(), part.end()), now_);
      rest = rest.subspan(part.size());
    }
  }
}

std::string ClientUnderTest::sent() { return sent(SIZE_MAX); }

std::string ClientUnderTest::sent(std::size_t count) {
  auto first = take(sessions_.front(), count);
  for (std::size_t i = 1; i < sessions_.size(); ++i) CHECK(take(sessions_[i], count) == first);
  return first;
}

std::string ClientUnderTest::take(Chunked& chunked, std::size_t count) {
  std::string text;
  Output& output = chunked.session.output();
  while (count > 0 && !output.empty()) {
    std::array<std::span<const std::byte>, 1> piece;
    output.gather(piece);
    const auto part = piece[0].first(std::min({piece[0].size(), chunked.chunk, count}));
    text += to_hex(part);
    count -= part.size();
    chunked.session.consume(part.size(), now_);
  }
  return text;
}

std::optional<ClientEvent> ClientUnderTest::poll() {
  auto first = sessions_.front().session.poll_event();
  for (std::size_t i = 1; i < sessions_.size(); ++i) {
    const auto event = sessions_[i].session.poll_event();
    CHECK(event.has_value() == first.has_value());
    if (event && first) CHECK(event->index() == first->index());
  }
  return first;
}

bool ClientUnderTest::is_quiet() { return !poll().has_value(); }

std::uint64_t ClientUnderTest::publish(Qos qos, std::string_view topic, std::string_view payload) {
  return all(
      [&](ClientSession& session) { return session.publish(message(qos, topic, payload), now_); });
}

}  // namespace mqtt::test
