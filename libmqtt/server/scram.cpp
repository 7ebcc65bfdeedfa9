#include "libmqtt/server/scram.hpp"

#include <algorithm>
#include <utility>

#include "libmqtt/base/base64.hpp"
#include "libmqtt/base/utf8.hpp"
#include "libmqtt/server/digest.hpp"

namespace mqtt::server {
namespace {

constexpr HashFunction kHash = HashFunction::sha256;

/// A name in which "=2C" stands for ',' and "=3D" for '='.
std::optional<std::string> unescape(std::string_view saslname) {
  std::string name;
  while (!saslname.empty()) {
    std::size_t taken = 1;
    char c = saslname[0];
    if (c == '=') {
      taken = 3;
      const std::string_view code = saslname.substr(0, taken);
      if (code != "=2C" && code != "=3D") return std::nullopt;
      c = code == "=2C" ? ',' : '=';
    }
    name += c;
    saslname.remove_prefix(taken);
  }
  if (name.empty() || !is_valid_utf8(name)) return std::nullopt;
  return name;
}

/// Takes the text up to the next ',' away, and the comma.
std::string_view take_field(std::string_view& message) {
  const std::string_view field = message.substr(0, message.find(','));
  message.remove_prefix(std::min(field.size() + 1, message.size()));
  return field;
}

bool is_nonce(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

std::string exclusive_or(std::string a, std::string_view b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

}  // namespace

ScramEntry scram_entry(std::string_view prepared_password, std::string_view salt,
                       std::uint32_t iterations) {
  const std::string salted = pbkdf2(kHash, prepared_password, salt, iterations);
  return {.iterations = iterations,
          .salt = std::string(salt),
          .stored_key = digest(kHash, hmac(kHash, salted, "Client Key")),
          .server_key = hmac(kHash, salted, "Server Key")};
}

std::expected<std::string, std::string_view> ScramExchange::begin(std::string_view client_first) {
  constexpr std::string_view kMalformed = "a malformed client-first-message";
  std::string_view rest = client_first;
  const std::string_view binding = take_field(rest);
  if (binding.starts_with("p=")) return std::unexpected("channel binding is not supported");
  if (binding != "n" && binding != "y") return std::unexpected(kMalformed);
  const std::string_view authorized_as = take_field(rest);
  gs2_header_ = client_first.substr(0, client_first.size() - rest.size());
  client_first_bare_ = rest;
  if (rest.starts_with("m=")) return std::unexpected("an extension that is not known");
  const std::string_view user_field = take_field(rest);
  const std::string_view nonce_field = take_field(rest);
  if (!user_field.starts_with("n=") || !nonce_field.starts_with("r="))
    return std::unexpected(kMalformed);
  auto name = unescape(user_field.substr(2));
  if (!name || !is_nonce(nonce_field.substr(2))) return std::unexpected(kMalformed);
  if (!authorized_as.empty() &&
      (!authorized_as.starts_with("a=") || unescape(authorized_as.substr(2)) != name))
    return std::unexpected("nobody may act for another user");
  nonce_.insert(0, nonce_field.substr(2));
  return std::move(*name);
}

std::string ScramExchange::challenge(ScramEntry entry) {
  entry_ = std::move(entry);
  server_first_ =
      "r=" + nonce_ + ",s=" + to_base64(entry_.salt) + ",i=" + std::to_string(entry_.iterations);
  return server_first_;
}

std::optional<std::string> ScramExchange::finish(std::string_view client_final) const {
  const std::size_t proof_at = client_final.rfind(",p=");
  if (proof_at == std::string_view::npos) return std::nullopt;
  const std::string_view without_proof = client_final.substr(0, proof_at);
  std::string_view rest = without_proof;
  if (take_field(rest) != "c=" + to_base64(gs2_header_)) return std::nullopt;
  if (take_field(rest) != "r=" + nonce_) return std::nullopt;
  const auto proof = from_base64(client_final.substr(proof_at + 3));
  if (!proof || proof->size() != digest_size(kHash)) return std::nullopt;
  const std::string message =
      client_first_bare_ + ',' + server_first_ + ',' + std::string(without_proof);
  const std::string signature = hmac(kHash, entry_.stored_key, message);
  if (signature.empty()) return std::nullopt;
  const std::string client_key = exclusive_or(*proof, signature);
  if (!equals_in_constant_time(digest(kHash, client_key), entry_.stored_key)) return std::nullopt;
  return "v=" + to_base64(hmac(kHash, entry_.server_key, message));
}

}  // namespace mqtt::server
