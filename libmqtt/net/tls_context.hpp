#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "libmqtt/net/tls_options.hpp"

struct ssl_ctx_st;

namespace mqtt::net {

/// Certificates, keys and rules that many TLS connections share, loaded from files once. Immutable
/// and cheap to copy; connections keep what they were made with alive, so a server that reloads
/// its certificates makes a new context and uses it from the next connection on. A failed load is
/// one line that names option, file and reason, and leaves nothing behind.
class TlsContext {
 public:
  /// What is spoken inside: a server that is offered protocols (ALPN, RFC 7301) chooses "mqtt" or
  /// "http/1.1"; a client that offers others, or none, is served all the same.
  enum class Inside : std::uint8_t { mqtt, websockets };

  static std::expected<TlsContext, std::string> server(const TlsServerOptions& options,
                                                       Inside inside = Inside::mqtt);
  /// With `trusting`, a client's as well, the authorities are those of that one, in the same
  /// memory, and not read again: for many clients that differ in their certificates alone.
  static std::expected<TlsContext, std::string> client(const TlsClientOptions& options,
                                                       const TlsContext* trusting = nullptr);

  bool is_client() const { return is_client_; }
  /// What a client's options say instead of the host; mostly empty.
  const std::string& server_name() const { return server_name_; }
  ssl_ctx_st* native() const { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
  std::string server_name_;
  bool is_client_ = false;
};

}  // namespace mqtt::net
