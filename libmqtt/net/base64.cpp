#include "libmqtt/net/base64.hpp"

#include <openssl/evp.h>

namespace mqtt::net {
namespace {
const unsigned char* unsigned_chars(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
}  // namespace

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it with a zero.
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     unsigned_chars(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

bool is_base64_of(std::string_view text, std::size_t bytes) {
  if (text.size() != 4 * ((bytes + 2) / 3)) return false;
  std::string decoded(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                     unsigned_chars(text), static_cast<int>(text.size()));
  if (length < 0) return false;
  decoded.resize(bytes);
  return base64(decoded) == text;
}

}  // namespace mqtt::net
