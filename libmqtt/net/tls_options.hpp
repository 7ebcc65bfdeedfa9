#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mqtt::net {

/// The oldest TLS that is spoken; nothing older than 1.2 ever is.
enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

/// Files and rules of a TLS server. Files are PEM; empty means not given.
struct TlsServerOptions {
  std::string cafile = {};  ///< Who may sign client certificates.
  std::string capath = {};  ///< The same as a hashed directory (openssl rehash).
  std::string certfile = {};
  std::string keyfile = {};
  std::string crlfile = {};
  std::string dhparamfile = {};
  std::string ciphers = {};       ///< OpenSSL cipher list for TLS 1.2.
  std::string ciphersuites = {};  ///< OpenSSL cipher suites for TLS 1.3.
  TlsVersion minimum_version = TlsVersion::v1_2;
  bool require_certificate = false;  ///< Clients must show a certificate that cafile/capath signed.
  friend bool operator==(const TlsServerOptions&, const TlsServerOptions&) = default;
};

/// Files and rules of a TLS client. With neither cafile nor capath the system's certificates are
/// trusted; with a pre-shared key no certificate is.
struct TlsClientOptions {
  std::string cafile = {};
  std::string capath = {};
  std::string certfile = {};
  std::string keyfile = {};
  std::string ciphers = {};
  std::string ciphersuites = {};
  TlsVersion minimum_version = TlsVersion::v1_2;
  std::vector<std::string> alpn = {};  ///< Protocols offered (RFC 7301), most wanted first.
  std::string server_name = {};        ///< For SNI and the certificate's name, instead of the host.
  std::string keylog = {};             ///< File for the connections' secrets (NSS key log).
  std::string psk = {};                ///< A pre-shared key, in bytes; needs psk_identity.
  std::string psk_identity = {};       ///< Which key it is.
  bool insecure = false;               ///< The server's certificate is not checked at all.
};

}  // namespace mqtt::net
