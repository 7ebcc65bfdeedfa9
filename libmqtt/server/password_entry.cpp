#include "libmqtt/server/password_entry.hpp"

#include <argon2.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "libmqtt/base/base64.hpp"
#include "libmqtt/server/digest.hpp"
#include "libmqtt/server/sasl_prep.hpp"
#include "libmqtt/server/scram.hpp"

namespace mqtt::server {
namespace {

using Parsed = std::expected<PasswordEntry, std::string>;

constexpr std::uint32_t kPbkdf2Iterations = 210'000;

/// mosquitto 2.0 lets nobody in whose salt has another size.
constexpr std::size_t kMosquittoSalt = 12;

constexpr std::size_t kMaximumSalt = 1024;
constexpr std::size_t kLeastArgon2Salt = 8;
constexpr std::size_t kMaximumArgon2Hash = 1024;
constexpr std::size_t kLeastArgon2Hash = 16;

/// The parts between '$'; none when the text does not begin with one.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (text.starts_with('$')) {
    text.remove_prefix(1);
    parts.push_back(text.substr(0, text.find('$')));
    text.remove_prefix(parts.back().size());
  }
  return parts;
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<std::string> malformed(std::string_view form) {
  return std::unexpected(fmt::format("the hash is not of the form {}", form));
}

/// Empty when they are fine.
std::string judge_iterations(std::uint32_t iterations) {
  if (iterations >= 1 && iterations <= kMaximumIterations) return {};
  return fmt::format("{} iterations are not from 1 to {}", iterations, kMaximumIterations);
}

bool is_salt(const std::optional<std::string>& bytes) {
  return bytes && !bytes->empty() && bytes->size() <= kMaximumSalt;
}

bool is_digest(const std::optional<std::string>& bytes, HashFunction function) {
  return bytes && bytes->size() == digest_size(function);
}

Parsed parse_pbkdf2(const std::vector<std::string_view>& parts) {
  constexpr std::string_view kForm = "$7$ITERATIONS$SALT$HASH";
  if (parts.size() != 4) return malformed(kForm);
  const auto iterations = number(parts[1]);
  auto salt = from_base64(parts[2]);
  auto hash = from_base64(parts[3]);
  if (!iterations || !is_salt(salt) || !is_digest(hash, HashFunction::sha512))
    return malformed(kForm);
  if (auto complaint = judge_iterations(*iterations); !complaint.empty())
    return std::unexpected(std::move(complaint));
  return Pbkdf2Entry{*iterations, std::move(*salt), std::move(*hash)};
}

Parsed parse_sha512(const std::vector<std::string_view>& parts) {
  constexpr std::string_view kForm = "$6$SALT$HASH";
  if (parts.size() != 3) return malformed(kForm);
  auto salt = from_base64(parts[1]);
  auto hash = from_base64(parts[2]);
  if (!is_salt(salt) || !is_digest(hash, HashFunction::sha512)) return malformed(kForm);
  return Sha512Entry{std::move(*salt), std::move(*hash)};
}

/// "m=19456,t=2,p=1".
std::optional<Argon2idEntry> parse_argon2_cost(std::string_view text) {
  Argon2idEntry entry;
  constexpr std::array kFields = {&Argon2idEntry::kibibytes, &Argon2idEntry::passes,
                                  &Argon2idEntry::lanes};
  constexpr std::string_view kNames = "mtp";
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const std::string_view field = text.substr(0, text.find(','));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    if (field.size() < 3 || field[0] != kNames[i] || field[1] != '=') return std::nullopt;
    const auto value = number(field.substr(2));
    if (!value) return std::nullopt;
    entry.*kFields[i] = *value;
  }
  if (!text.empty()) return std::nullopt;
  return entry;
}

std::string judge_cost(const Argon2idEntry& entry) {
  if (entry.lanes < 1 || entry.lanes > kMaximumLanes)
    return fmt::format("argon2id with {} lanes: not from 1 to {}", entry.lanes, kMaximumLanes);
  if (entry.kibibytes < 8 * entry.lanes || entry.kibibytes > kMaximumKibibytes)
    return fmt::format("argon2id with {} KiB of memory: not from {} to {}", entry.kibibytes,
                       8 * entry.lanes, kMaximumKibibytes);
  if (entry.passes < 1 || entry.passes > kMaximumKibibytePasses / entry.kibibytes)
    return fmt::format("argon2id with {} passes over {} KiB: not from 1 to {}", entry.passes,
                       entry.kibibytes, kMaximumKibibytePasses / entry.kibibytes);
  return {};
}

Parsed parse_argon2id(const std::vector<std::string_view>& parts) {
  constexpr std::string_view kForm = "$argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH";
  if (parts.size() != 5 || parts[1] != "v=19") return malformed(kForm);
  auto entry = parse_argon2_cost(parts[2]);
  auto salt = from_base64(parts[3], Padding::without);
  auto hash = from_base64(parts[4], Padding::without);
  if (!entry || !is_salt(salt) || salt->size() < kLeastArgon2Salt || !hash ||
      hash->size() < kLeastArgon2Hash || hash->size() > kMaximumArgon2Hash)
    return malformed(kForm);
  if (auto complaint = judge_cost(*entry); !complaint.empty())
    return std::unexpected(std::move(complaint));
  entry->salt = std::move(*salt);
  entry->hash = std::move(*hash);
  return std::move(*entry);
}

Parsed parse_scram(const std::vector<std::string_view>& parts) {
  constexpr std::string_view kForm = "$scram-sha-256$ITERATIONS$SALT$STOREDKEY$SERVERKEY";
  if (parts.size() != 5) return malformed(kForm);
  const auto iterations = number(parts[1]);
  auto salt = from_base64(parts[2]);
  auto stored_key = from_base64(parts[3]);
  auto server_key = from_base64(parts[4]);
  if (!iterations || !is_salt(salt) || !is_digest(stored_key, HashFunction::sha256) ||
      !is_digest(server_key, HashFunction::sha256))
    return malformed(kForm);
  if (auto complaint = judge_iterations(*iterations); !complaint.empty())
    return std::unexpected(std::move(complaint));
  return ScramEntry{*iterations, std::move(*salt), std::move(*stored_key), std::move(*server_key)};
}

// argon2's memory goes straight back to the system: the allocator would keep such blocks for each
// thread that ever had one.

int allocate_pages(std::uint8_t** memory, std::size_t size) {
  void* const pages =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
  *memory = static_cast<std::uint8_t*>(pages);
  return ARGON2_OK;
}

void free_pages(std::uint8_t* memory, std::size_t size) { ::munmap(memory, size); }

/// Empty when it failed for want of memory. One thread whatever the lanes: the pool has enough.
std::string argon2id(const Argon2idEntry& entry, std::string_view password) {
  const auto octets = [](std::string_view text) {
    // The library only reads: no flag asks it to clear what it was given.
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  std::string hash(entry.hash.size(), '\0');
  argon2_context context{};
  context.out = octets(hash);
  context.outlen = static_cast<std::uint32_t>(hash.size());
  context.pwd = octets(password);
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = octets(entry.salt);
  context.saltlen = static_cast<std::uint32_t>(entry.salt.size());
  context.t_cost = entry.passes;
  context.m_cost = entry.kibibytes;
  context.lanes = entry.lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.flags = ARGON2_DEFAULT_FLAGS;
  context.allocate_cbk = allocate_pages;
  context.free_cbk = free_pages;
  return argon2id_ctx(&context) == ARGON2_OK ? hash : std::string();
}

std::string hash_of(const Pbkdf2Entry& entry, std::string_view password) {
  return pbkdf2(HashFunction::sha512, password, entry.salt, entry.iterations);
}
std::string hash_of(const Sha512Entry& entry, std::string_view password) {
  return digest(HashFunction::sha512, std::string(password) + entry.salt);
}
std::string hash_of(const Argon2idEntry& entry, std::string_view password) {
  return argon2id(entry, password);
}
std::string hash_of(const ScramEntry& entry, std::string_view password) {
  const auto prepared = sasl_prep(password);
  const std::string key =
      scram_entry(prepared.value_or(std::string()), entry.salt, entry.iterations).stored_key;
  // What can't be prepared takes its time as well, and matches nothing.
  return prepared ? key : digest(HashFunction::sha256, key);
}

template <class Entry>
auto& secret_of(Entry& entry) {
  if constexpr (requires { entry.hash; })
    return entry.hash;
  else
    return entry.stored_key;
}

}  // namespace

Parsed parse_password_entry(std::string_view text) {
  const std::vector<std::string_view> parts = split(text);
  const std::string_view kind = parts.empty() ? std::string_view() : parts[0];
  if (kind == "7") return parse_pbkdf2(parts);
  if (kind == "6") return parse_sha512(parts);
  if (kind == "argon2id") return parse_argon2id(parts);
  if (kind == "scram-sha-256") return parse_scram(parts);
  return std::unexpected("no hash begins like this: $7$, $6$, $argon2id$ or $scram-sha-256$");
}

std::string to_text(const PasswordEntry& entry) {
  struct Text {
    std::string operator()(const Pbkdf2Entry& e) const {
      return fmt::format("$7${}${}${}", e.iterations, to_base64(e.salt), to_base64(e.hash));
    }
    std::string operator()(const Sha512Entry& e) const {
      return fmt::format("$6${}${}", to_base64(e.salt), to_base64(e.hash));
    }
    std::string operator()(const Argon2idEntry& e) const {
      return fmt::format("$argon2id$v=19$m={},t={},p={}${}${}", e.kibibytes, e.passes, e.lanes,
                         to_base64(e.salt, Padding::without), to_base64(e.hash, Padding::without));
    }
    std::string operator()(const ScramEntry& e) const {
      return fmt::format("$scram-sha-256${}${}${}${}", e.iterations, to_base64(e.salt),
                         to_base64(e.stored_key), to_base64(e.server_key));
    }
  };
  return std::visit(Text{}, entry);
}

Parsed make_password_entry(PasswordKind kind, std::string_view password) {
  std::string salt = random_bytes(kSaltSize);
  if (kind == PasswordKind::scram_sha_256) {
    const auto prepared = sasl_prep(password);
    if (!prepared) return std::unexpected(prepared.error());
    return scram_entry(*prepared, salt, kScramIterations);
  }
  if (kind == PasswordKind::pbkdf2_sha512) {
    Pbkdf2Entry entry{kPbkdf2Iterations, random_bytes(kMosquittoSalt), {}};
    entry.hash = hash_of(entry, password);
    return entry;
  }
  Argon2idEntry entry;
  entry.salt = std::move(salt);
  entry.hash = hash_of(entry, password);
  if (entry.hash.empty()) return std::unexpected("not enough memory for argon2id");
  return entry;
}

PasswordEntry unmatchable(PasswordEntry like) {
  std::visit(
      [](auto& entry) {
        entry.salt = random_bytes(entry.salt.size());
        secret_of(entry) = random_bytes(secret_of(entry).size());
      },
      like);
  return like;
}

Verdict verify(const PasswordEntry& entry, std::string_view password) {
  return std::visit(
      [&](const auto& e) {
        const std::string hash = hash_of(e, password);
        if (hash.empty()) return Verdict::unable;
        return equals_in_constant_time(hash, secret_of(e)) ? Verdict::right : Verdict::wrong;
      },
      entry);
}

}  // namespace mqtt::server
