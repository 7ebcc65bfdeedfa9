#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "libmqtt/net/stream.hpp"
#include "libmqtt/net/tls_context.hpp"

struct bio_st;
struct ssl_st;

namespace mqtt::net {

/// TLS over any other stream: a socket, one behind a PROXY header, a tunnel through a proxy.
/// Reading drives the handshake; until it is done nothing can be written, so a client calls
/// handshake() first, and a server waits for what its client says anyway. Errors that are not the
/// transport's are of tls_category(), and their message() is one line for a person.
///
/// An idle connection holds no buffers: OpenSSL lets go of its own, and what the transport did not
/// take is kept here only until it does.
class TlsStream final : public Stream {
 public:
  /// `host`: whom a client wants to talk to, for SNI and the certificate's name, unless the context
  /// names another; unused by a server.
  TlsStream(std::unique_ptr<Stream> transport, const TlsContext& context,
            const std::string& host = {});
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream() override;

  /// One step of the handshake. would_block: call again once handle() is readable or, when
  /// wants_write(), writable; no error: done.
  std::error_code handshake();
  /// The protocol that both sides agreed on (ALPN); empty: none.
  std::string protocol() const;

  int handle() const override { return transport_->handle(); }
  Transfer try_read(std::span<std::byte> buffer) override;
  Transfer try_write(std::span<const std::span<const std::byte>> pieces) override;
  bool has_input() const override { return has_input_ && unsent_.empty(); }
  bool wants_write() const override { return !unsent_.empty() || transport_->wants_write(); }
  /// close_notify, then the transport's own end once that is written.
  void shutdown_send() override;
  void close() override { transport_->close(); }
  const std::string& peer() const override { return transport_->peer(); }
  std::optional<PeerCertificate> peer_certificate() const override;

  // OpenSSL's way to the transport; for its callbacks only.
  int give_to_transport(std::span<const std::byte> bytes);
  int take_from_transport(std::span<std::byte> buffer);
  bool transport_ended() const;

 private:
  void expect_name(const std::string& host);
  std::error_code error_after(int result);
  std::error_code encrypt(std::span<const std::byte> record);
  std::error_code send_unsent();

  std::unique_ptr<Stream> transport_;
  ssl_st* ssl_;                    ///< Null when memory ran out.
  std::vector<std::byte> unsent_;  ///< Records that the transport did not take yet.
  std::error_code transport_error_;
  std::error_code failed_;  ///< How the connection ended; nothing is asked of OpenSSL any more.
  bool has_input_ = false;
  bool transport_has_more_ = false;  ///< Perhaps: the last read from it got all it asked for.
  bool ends_sending_ = false;
};

}  // namespace mqtt::net
