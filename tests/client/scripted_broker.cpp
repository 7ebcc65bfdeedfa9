#include "tests/client/scripted_broker.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/encode.hpp"

namespace mqtt::test {

using Peer = ScriptedBroker::Peer;

Peer::Peer(ScriptedBroker& broker, std::unique_ptr<net::Stream> stream)
    : broker_(broker),
      index_(broker.peers_.size()),
      socket_(stream->handle()),
      pump_(broker.loop_, std::move(stream), *this) {
  pump_.start();
}

void Peer::on_bytes(std::span<const std::byte> bytes) {
  framer_.feed(bytes);
  while (!closed_) {
    const auto frame = framer_.next();
    REQUIRE(frame.has_value());
    if (!*frame) return;
    const auto packet = decode(broker_.version_, **frame);
    REQUIRE(packet.has_value());
    broker_.received_.push_back(*packet);
    if (broker_.script_) broker_.script_(*this, *packet);
  }
}

void Peer::send(const Packet& packet) {
  encode(broker_.version_, packet, output_);
  pump_.wake();
}

void Peer::send_raw(std::string_view bytes) {
  output_.append(as_bytes(bytes));
  pump_.wake();
}

void Peer::close() { pump_.close_after_flush(Seconds(10)); }

void Peer::reset() {
  const linger option{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &option, sizeof option);
  pump_.close({});
  closed_ = true;
}

ScriptedBroker::ScriptedBroker(net::Loop& loop, Version version, Script script)
    : loop_(loop), version_(version), script_(std::move(script)) {
  listen(0);
}

void ScriptedBroker::listen(std::uint16_t port) {
  auto listener = net::Listener::open(loop_, {.address = "127.0.0.1", .port = port}, *this);
  REQUIRE(listener.has_value());
  listener_ = std::move(*listener);
  port_ = listener_->port();
}

net::Address ScriptedBroker::address() const {
  return {net::Address::Scheme::mqtt, "127.0.0.1", port_};
}

void ScriptedBroker::on_stream(std::unique_ptr<net::Stream> stream) {
  peers_.push_back(std::make_unique<Peer>(*this, std::move(stream)));
}

}  // namespace mqtt::test
