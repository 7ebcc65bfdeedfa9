#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mqtt::server {

/// Hash functions by OpenSSL, on and to byte strings. They fail only where OpenSSL itself is broken
/// (out of memory); the result is empty then, which equals no digest.
enum class HashFunction : std::uint8_t { sha256, sha512 };

/// 32 or 64.
std::size_t digest_size(HashFunction function);
std::string digest(HashFunction function, std::string_view data);
/// RFC 2104.
std::string hmac(HashFunction function, std::string_view key, std::string_view data);
/// RFC 8018 with HMAC; Hi() of RFC 5802 for SHA-256. As long as the function's digest.
std::string pbkdf2(HashFunction function, std::string_view password, std::string_view salt,
                   std::uint32_t iterations);

/// Compares in a time that tells nothing of where two secrets of the same length differ. Empty
/// never equals anything.
bool equals_in_constant_time(std::string_view a, std::string_view b);

/// Bytes that nobody can guess.
std::string random_bytes(std::size_t count);

}  // namespace mqtt::server
