#include "libmqtt/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <string_view>

#include "libmqtt/net/tls_error.hpp"
#include "libmqtt/net/tls_files.hpp"
#include "libmqtt/net/tls_keylog.hpp"
#include "libmqtt/net/tls_psk.hpp"

namespace mqtt::net {
namespace {

using tls_files::Loaded;
using Name = std::string_view;

/// As ALPN writes a list of one name.
constexpr Name kMqtt = "\x04mqtt";
constexpr Name kHttp = "\x08http/1.1";

const unsigned char* octets(Name text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void* ours) {
  const Name name(static_cast<const char*>(ours));
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(
      &found, chosen_size, octets(name), static_cast<unsigned>(name.size()), offered, offered_size);
  *chosen = found;
  // Nothing in common: serve without, MQTT says itself what it is.
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Loaded set_ciphers(SSL_CTX* context, const std::string& ciphers, const std::string& suites) {
  ERR_clear_error();
  if (!ciphers.empty() && SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1)
    return std::unexpected("ciphers '" + ciphers + "': no cipher that OpenSSL knows (" +
                           take_openssl_text() + ")");
  if (!suites.empty() && SSL_CTX_set_ciphersuites(context, suites.c_str()) != 1)
    return std::unexpected("ciphers_tls1.3 '" + suites + "': no cipher suite that OpenSSL knows (" +
                           take_openssl_text() + ")");
  return {};
}

std::shared_ptr<SSL_CTX> make_context(TlsVersion minimum) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(),
                                minimum == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // MQTT says by itself when a client leaves in order: a missing close_notify is an end like a FIN.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_read_ahead(context.get(), 1);  // One system call a read, not two a record.
  return context;
}

void set_up_sessions(SSL_CTX* context) {
  constexpr Name kId = "mq-broker-lite";
  SSL_CTX_set_session_id_context(context, octets(kId), static_cast<unsigned>(kId.size()));
  // Tickets alone: the client keeps the session, a thousand clients cost the server nothing.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
}

Loaded load_server(SSL_CTX* context, const TlsServerOptions& options) {
  if (options.certfile.empty() && options.keyfile.empty())
    return std::unexpected("TLS: it needs a certfile and a keyfile");
  if (options.require_certificate && options.cafile.empty() && options.capath.empty())
    return std::unexpected("require_certificate: it needs a cafile or a capath to check with");
  if (auto set = set_ciphers(context, options.ciphers, options.ciphersuites); !set) return set;
  if (auto loaded = tls_files::load_certificate(context, options.certfile, options.keyfile);
      !loaded)
    return loaded;
  if (auto loaded = tls_files::load_authorities(context, options.cafile, options.capath); !loaded)
    return loaded;
  if (!options.crlfile.empty())
    if (auto loaded = tls_files::load_revocations(context, options.crlfile); !loaded) return loaded;
  if (options.dhparamfile.empty()) {
    SSL_CTX_set_dh_auto(context, 1);
    return {};
  }
  return tls_files::load_dh_parameters(context, options.dhparamfile);
}

/// The names as ALPN writes them: each after its length.
std::expected<std::string, std::string> protocol_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255)
      return std::unexpected("ALPN '" + name + "': 1 to 255 characters are allowed");
    list += static_cast<char>(static_cast<unsigned char>(name.size()));
    list += name;
  }
  return list;
}

/// Whom a client trusts.
Loaded load_trust(SSL_CTX* context, const TlsClientOptions& options) {
  if (!options.psk.empty()) return share_key(context, options.psk_identity, options.psk);
  if (options.cafile.empty() && options.capath.empty()) SSL_CTX_set_default_verify_paths(context);
  return tls_files::load_authorities(context, options.cafile, options.capath);
}

Loaded load_client(SSL_CTX* context, const TlsClientOptions& options) {
  const bool has_key = !options.psk.empty();
  // Suites with certificates would be an offer that cannot be kept. In TLS 1.3 such a key goes with
  // SHA-256 only (RFC 8446 §4.2.11), which a server is not to pass over.
  const std::string ciphers = has_key && options.ciphers.empty() ? "PSK" : options.ciphers;
  const std::string suites = has_key && options.ciphersuites.empty()
                                 ? "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
                                 : options.ciphersuites;
  if (auto set = set_ciphers(context, ciphers, suites); !set) return set;
  if (!options.certfile.empty() || !options.keyfile.empty())
    if (auto loaded = tls_files::load_certificate(context, options.certfile, options.keyfile);
        !loaded)
      return loaded;
  if (!options.keylog.empty())
    if (auto logged = log_keys(context, options.keylog); !logged) return logged;
  const auto protocols = protocol_list(options.alpn);
  if (!protocols) return std::unexpected(protocols.error());
  SSL_CTX_set_alpn_protos(context, octets(*protocols), static_cast<unsigned>(protocols->size()));
  return {};
}

}  // namespace

std::expected<TlsContext, std::string> TlsContext::server(const TlsServerOptions& options,
                                                          Inside inside) {
  TlsContext result;
  result.context_ = make_context(options.minimum_version);
  SSL_CTX* context = result.native();
  if (context == nullptr) return std::unexpected("TLS: " + take_openssl_text());
  set_up_sessions(context);
  if (auto loaded = load_server(context, options); !loaded) return std::unexpected(loaded.error());
  if (options.require_certificate)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  const Name protocol = inside == Inside::mqtt ? kMqtt : kHttp;
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, const_cast<char*>(protocol.data()));
  return result;
}

std::expected<TlsContext, std::string> TlsContext::client(const TlsClientOptions& options,
                                                          const TlsContext* trusting) {
  TlsContext result;
  result.context_ = make_context(options.minimum_version);
  result.server_name_ = options.server_name;
  result.is_client_ = true;
  SSL_CTX* context = result.native();
  if (context == nullptr) return std::unexpected("TLS: " + take_openssl_text());
  if (auto loaded = load_client(context, options); !loaded) return std::unexpected(loaded.error());
  if (trusting != nullptr) {
    SSL_CTX_set1_cert_store(context, SSL_CTX_get_cert_store(trusting->native()));
  } else if (auto loaded = load_trust(context, options); !loaded) {
    return std::unexpected(loaded.error());
  }
  SSL_CTX_set_verify(context, options.insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return result;
}

}  // namespace mqtt::net
