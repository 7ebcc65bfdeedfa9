#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libmqtt/net/proxy_protocol.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

/// What a listener behind a proxy demands of the headers.
struct ProxyRules {
  bool requires_tls = false;          ///< The client used TLS towards the proxy.
  bool requires_certificate = false;  ///< And showed a certificate that the proxy found good.
};

/// A connection that a PROXY header begins, read by the first try_read(); from then on peer() is
/// the client's own address, and its certificate the one that the proxy has checked (the CN alone
/// is known). Without a good header the connection ends with a ProxyFault.
class ProxyStream final : public Stream {
 public:
  ProxyStream(std::unique_ptr<Stream> transport, ProxyRules rules)
      : transport_(std::move(transport)), rules_(rules) {}

  int handle() const override { return transport_->handle(); }
  Transfer try_read(std::span<std::byte> buffer) override;
  Transfer try_write(std::span<const std::span<const std::byte>> pieces) override {
    return transport_->try_write(pieces);
  }
  bool has_input() const override {
    return (has_header_ && !early_.empty()) || transport_->has_input();
  }
  bool wants_write() const override { return transport_->wants_write(); }
  void shutdown_send() override { transport_->shutdown_send(); }
  void close() override { transport_->close(); }
  const std::string& peer() const override {
    return header_.source.empty() ? transport_->peer() : header_.source;
  }
  std::optional<PeerCertificate> peer_certificate() const override;

 private:
  std::error_code read_header();
  std::error_code judge();

  std::unique_ptr<Stream> transport_;
  ProxyRules rules_;
  ProxyHeader header_;
  bool has_header_ = false;
  std::error_code failed_;
  std::vector<std::byte> early_;  ///< Of the header; once that is whole, what came with it.
};

}  // namespace mqtt::net
