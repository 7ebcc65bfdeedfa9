#include "tests/conformance/scram_client.hpp"

#include "libmqtt/base/base64.hpp"
#include "libmqtt/server/digest.hpp"

namespace conformance {
namespace {

using mqtt::server::HashFunction;

std::string hmac(std::string_view key, std::string_view text) {
  return mqtt::server::hmac(HashFunction::sha256, key, text);
}

}  // namespace

std::string scram_line(std::string_view user) {
  return std::string(user) +
         ":$scram-sha-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==$"
         "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=$"
         "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n";
}

std::string scram_field(std::string_view message, char name) {
  while (!message.empty()) {
    const std::string_view field = message.substr(0, message.find(','));
    if (field.starts_with(name)) return std::string(field.substr(2));
    message.remove_prefix(std::min(field.size() + 1, message.size()));
  }
  return {};
}

std::string ScramClient::final(std::string_view server_first) {
  const std::string salt = mqtt::from_base64(scram_field(server_first, 's')).value_or("");
  const auto iterations = static_cast<std::uint32_t>(std::stoul(scram_field(server_first, 'i')));
  const std::string salted =
      mqtt::server::pbkdf2(HashFunction::sha256, password_, salt, iterations);
  std::string proof = hmac(salted, "Client Key");
  const std::string bare = "c=biws,r=" + scram_field(server_first, 'r');
  const std::string all = first_bare_ + "," + std::string(server_first) + "," + bare;
  const std::string signature = hmac(mqtt::server::digest(HashFunction::sha256, proof), all);
  for (std::size_t i = 0; i < proof.size(); ++i)
    proof[i] = static_cast<char>(proof[i] ^ signature[i]);
  expected_ = "v=" + mqtt::to_base64(hmac(hmac(salted, "Server Key"), all));
  return bare + ",p=" + mqtt::to_base64(proof);
}

std::string scram_properties(std::string_view data, std::string_view method) {
  std::string properties = wire::property(wire::id::authentication_method, wire::field(method));
  if (!data.empty()) properties += wire::property(wire::id::authentication_data, wire::field(data));
  return properties;
}

std::string scram_auth(unsigned reason_code, std::string_view data, std::string_view method) {
  return wire::packet(0xF0, wire::byte(reason_code) +
                                wire::properties(Level::v5_0, scram_properties(data, method)));
}

}  // namespace conformance
