#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "libmqtt/codec/framer.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/net/address.hpp"
#include "libmqtt/net/listen.hpp"
#include "libmqtt/net/pump.hpp"

namespace mqtt::test {

/// A server that does what the test tells it: on each packet its script is called, and answers,
/// cuts or stays silent.
class ScriptedBroker : private net::Listener::Handler {
 public:
  class Peer;
  using Script = std::function<void(Peer&, const Packet&)>;

  /// One connection of a client.
  class Peer : private net::Pump::Handler {
   public:
    Peer(ScriptedBroker& broker, std::unique_ptr<net::Stream> stream);

    void send(const Packet& packet);
    void send_raw(std::string_view bytes);
    /// Orderly: everything sent before arrives.
    void close();
    void reset();
    bool is_closed() const { return closed_; }
    std::size_t index() const { return index_; }  ///< 0 for the first connection.

   private:
    void on_bytes(std::span<const std::byte> bytes) override;
    void fill_output() override {}
    Output& output() override { return output_; }
    void on_written(std::size_t count) override { output_.consume(count); }
    void on_closed(std::error_code) override { closed_ = true; }

    ScriptedBroker& broker_;
    std::size_t index_;
    int socket_;
    Output output_;
    Framer framer_{1'000'000};
    bool closed_ = false;
    net::Pump pump_;
  };

  ScriptedBroker(net::Loop& loop, Version version, Script script);

  net::Address address() const;
  std::vector<std::unique_ptr<Peer>>& peers() { return peers_; }
  std::vector<Packet>& received() { return received_; }
  /// Nobody listens any more; open connections stay.
  void stop_listening() { listener_.reset(); }
  /// On the same port.
  void listen_again() { listen(port_); }

 private:
  void listen(std::uint16_t port);
  void on_stream(std::unique_ptr<net::Stream> stream) override;
  void on_accept_error(std::error_code) override {}

  net::Loop& loop_;
  Version version_;
  Script script_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<Packet> received_;
  std::unique_ptr<net::Listener> listener_;
  std::uint16_t port_ = 0;
};

}  // namespace mqtt::test
