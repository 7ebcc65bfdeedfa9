#include "libmqtt/net/address.hpp"

namespace mqtt::net {

std::string to_string(const Address& address) {
  if (address.scheme == Address::Scheme::unix_socket) return address.host;
  const std::string port = ":" + std::to_string(address.port);
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + port;
}

}  // namespace mqtt::net
