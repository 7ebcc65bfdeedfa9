#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "libmqtt/net/opening.hpp"

namespace mqtt::net {

/// The client's side of SOCKS 5, CONNECT only (RFC 1928; user name and password: RFC 1929). Names
/// go to the proxy as they are.
class Socks5Opening final : public Opening {
 public:
  struct Credentials {
    std::string username;  ///< 1 to 255 bytes, as the password.
    std::string password;
  };
  Socks5Opening(std::string host, std::uint16_t port, std::optional<Credentials> credentials);

  std::string take_output() override { return std::exchange(output_, {}); }
  std::size_t receive(std::string_view bytes) override;

 private:
  enum class Step : std::uint8_t { method, authentication, reply };

  std::size_t missing() const;
  void advance();
  void on_method();
  void on_reply();
  void ask_to_connect();

  std::string host_;
  std::uint16_t port_;
  std::optional<Credentials> credentials_;
  Step step_ = Step::method;
  std::string answer_;  ///< The proxy's present answer so far.
  std::string output_;
};

}  // namespace mqtt::net
