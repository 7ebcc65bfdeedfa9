#include "libmqtt/server/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>

namespace mqtt::server {
namespace {

const EVP_MD* method_of(HashFunction function) {
  return function == HashFunction::sha256 ? EVP_sha256() : EVP_sha512();
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::size_t digest_size(HashFunction function) {
  return function == HashFunction::sha256 ? 32 : 64;
}

std::string digest(HashFunction function, std::string_view data) {
  std::string out(digest_size(function), '\0');
  const int done =
      EVP_Digest(data.data(), data.size(), octets(out), nullptr, method_of(function), nullptr);
  return done == 1 ? out : std::string();
}

std::string hmac(HashFunction function, std::string_view key, std::string_view data) {
  std::string out(digest_size(function), '\0');
  const auto* done = HMAC(method_of(function), key.data(), static_cast<int>(key.size()),
                          octets(data), data.size(), octets(out), nullptr);
  return done != nullptr ? out : std::string();
}

std::string pbkdf2(HashFunction function, std::string_view password, std::string_view salt,
                   std::uint32_t iterations) {
  std::string out(digest_size(function), '\0');
  // A null pointer would mean "no password" to OpenSSL, whatever the length.
  const char* const characters = password.empty() ? "" : password.data();
  const int done = PKCS5_PBKDF2_HMAC(
      characters, static_cast<int>(password.size()), octets(salt), static_cast<int>(salt.size()),
      static_cast<int>(iterations), method_of(function), static_cast<int>(out.size()), octets(out));
  return done == 1 ? out : std::string();
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
  return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  // Without randomness there is no secret: nothing that follows could be trusted.
  if (RAND_bytes(octets(out), static_cast<int>(count)) != 1) std::abort();
  return out;
}

}  // namespace mqtt::server
