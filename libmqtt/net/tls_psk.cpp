#include "libmqtt/net/tls_psk.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <memory>

namespace mqtt::net {
namespace {

/// OpenSSL's own limit counts the NUL byte behind it.
constexpr std::size_t kLongestIdentity = PSK_MAX_IDENTITY_LEN - 1;

struct SharedKey {
  std::string identity;
  std::string key;
};

void free_key(void*, void* shared, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<SharedKey*>(shared);
}

/// Where a context keeps its key, which ends with it.
int key_index() {
  static const int kIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_key);
  return kIndex;
}

/// The size of the key, or 0 for none. OpenSSL calls it for TLS 1.3, too.
unsigned give_key(SSL* connection, const char*, char* identity, unsigned identity_size,
                  unsigned char* key, unsigned key_size) {
  const auto* shared =
      static_cast<const SharedKey*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), key_index()));
  // The identity ends with a NUL byte.
  if (shared->identity.size() >= identity_size || shared->key.size() > key_size) return 0;
  *std::ranges::copy(shared->identity, identity).out = '\0';
  std::ranges::copy(shared->key, key);
  return static_cast<unsigned>(shared->key.size());
}

}  // namespace

std::expected<void, std::string> share_key(ssl_ctx_st* context, const std::string& identity,
                                           const std::string& key) {
  if (identity.empty() || identity.size() > kLongestIdentity ||
      identity.find('\0') != std::string::npos)
    return std::unexpected("psk identity: 1 to " + std::to_string(kLongestIdentity) +
                           " characters are allowed");
  if (key.empty() || key.size() > PSK_MAX_PSK_LEN)
    return std::unexpected("psk key: 1 to " + std::to_string(PSK_MAX_PSK_LEN) +
                           " bytes are allowed");
  auto shared = std::make_unique<SharedKey>(SharedKey{identity, key});
  if (SSL_CTX_set_ex_data(context, key_index(), shared.get()) != 1)
    return std::unexpected("psk key: out of memory");
  shared.release();
  SSL_CTX_set_psk_client_callback(context, give_key);
  return {};
}

}  // namespace mqtt::net
