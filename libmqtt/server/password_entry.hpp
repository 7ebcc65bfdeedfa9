#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>

namespace mqtt::server {

// What a password file keeps of one password. All of it is bytes, not base64.

/// "$7$ITERATIONS$SALT$HASH": PBKDF2-HMAC-SHA512, as mosquitto_passwd writes since 2.0.
struct Pbkdf2Entry {
  std::uint32_t iterations = 0;
  std::string salt;
  std::string hash;
};
/// "$6$SALT$HASH": SHA-512 of password and salt, as mosquitto_passwd wrote up to 1.6.
struct Sha512Entry {
  std::string salt;
  std::string hash;
};
/// "$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH": RFC 9106, in the text form of its reference
/// implementation. New ones cost what OWASP advises, some 30 ms of a processor.
struct Argon2idEntry {
  std::uint32_t kibibytes = 19 * 1024;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
  std::string salt = std::string(16, '\0');
  std::string hash = std::string(32, '\0');
};
/// "$scram-sha-256$ITERATIONS$SALT$STOREDKEY$SERVERKEY": what a server needs for SCRAM (RFC 5802
/// §3). A password in plain can be held against it too.
struct ScramEntry {
  std::uint32_t iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;
};
using PasswordEntry = std::variant<Pbkdf2Entry, Sha512Entry, Argon2idEntry, ScramEntry>;

/// Costs beyond which an entry is refused: each check would keep a thread busy for seconds.
inline constexpr std::uint32_t kMaximumIterations = 2'000'000;
inline constexpr std::uint32_t kMaximumKibibytes = 256 * 1024;
inline constexpr std::uint32_t kMaximumKibibytePasses = 4 * 1024 * 1024;
inline constexpr std::uint32_t kMaximumLanes = 16;
/// Of new SCRAM entries (RFC 7677 §4), and of the exchange with users who have none.
inline constexpr std::uint32_t kScramIterations = 15'000;
inline constexpr std::size_t kSaltSize = 16;  ///< Of new argon2id and SCRAM entries.

/// What stands behind "USER:" in a password file. The error says what is wrong with it.
std::expected<PasswordEntry, std::string> parse_password_entry(std::string_view text);
std::string to_text(const PasswordEntry& entry);

enum class PasswordKind : std::uint8_t { argon2id, pbkdf2_sha512, scram_sha_256 };
/// A new entry with a random salt, at today's usual cost. The error says why this password can't
/// be kept in this way.
std::expected<PasswordEntry, std::string> make_password_entry(PasswordKind kind,
                                                              std::string_view password);
/// An entry that costs as much as `like` and that no password matches.
PasswordEntry unmatchable(PasswordEntry like);

/// `unable`: there was no memory for it.
enum class Verdict : std::uint8_t { right, wrong, unable };
/// Takes as long as the entry is costly: not on a loop. Thread-safe.
Verdict verify(const PasswordEntry& entry, std::string_view password);

}  // namespace mqtt::server
