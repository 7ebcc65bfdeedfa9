#include "libmqtt/net/socks5.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mqtt::net {
namespace {
constexpr char kVersion = 5;
constexpr char kAuthenticationVersion = 1;
constexpr char kConnect = 1;
constexpr char kNoAuthentication = 0;
constexpr char kUsernamePassword = 2;
constexpr unsigned char kNoMethod = 0xFF;
constexpr char kIpv4 = 1;
constexpr char kName = 3;
constexpr char kIpv6 = 4;
constexpr std::size_t kLongestText = 255;

/// RFC 1928 §6.
std::string reply_text(unsigned char code) {
  constexpr std::array<std::string_view, 9> kTexts{
      "",
      "general failure of the proxy",
      "not allowed by the proxy's rules",
      "network unreachable",
      "host unreachable",
      "connection refused",
      "the connection's time to live expired",
      "the proxy does not know CONNECT",
      "the proxy does not know this type of address",
  };
  if (code < kTexts.size()) return std::string(kTexts[code]);
  return "the proxy gives the unknown code " + std::to_string(code);
}

std::string with_length(const std::string& text) {
  return static_cast<char>(static_cast<unsigned char>(text.size())) + text;
}

/// The address as a request has it: a literal in binary, a name as it is.
std::string address_field(const std::string& host) {
  std::array<char, sizeof(in6_addr)> binary{};
  if (inet_pton(AF_INET, host.c_str(), binary.data()) == 1)
    return kIpv4 + std::string(binary.data(), sizeof(in_addr));
  if (inet_pton(AF_INET6, host.c_str(), binary.data()) == 1)
    return kIpv6 + std::string(binary.data(), sizeof(in6_addr));
  return kName + with_length(host);
}
}  // namespace

Socks5Opening::Socks5Opening(std::string host, std::uint16_t port,
                             std::optional<Credentials> credentials)
    : host_(std::move(host)), port_(port), credentials_(std::move(credentials)) {
  if (host_.size() > kLongestText) fail("the host's name is longer than SOCKS allows");
  output_ = {kVersion, 1, kNoAuthentication};
  if (credentials_) output_ = {kVersion, 2, kNoAuthentication, kUsernamePassword};
}

std::size_t Socks5Opening::receive(std::string_view bytes) {
  std::size_t taken = 0;
  while (!result() && taken < bytes.size()) {
    const std::size_t count = std::min(missing(), bytes.size() - taken);
    answer_ += bytes.substr(taken, count);
    taken += count;
    if (missing() == 0) advance();
  }
  return taken;
}

/// How many bytes the present answer still lacks, as far as that is known yet.
std::size_t Socks5Opening::missing() const {
  constexpr std::size_t kShortAnswer = 2;
  constexpr std::size_t kReplyHead = 5;  ///< With the first byte of the address.
  std::size_t size = kShortAnswer;
  if (step_ == Step::reply) {
    size = kReplyHead;
    if (answer_.size() >= kReplyHead && answer_[3] == kIpv4) size = 10;
    if (answer_.size() >= kReplyHead && answer_[3] == kIpv6) size = 22;
    if (answer_.size() >= kReplyHead && answer_[3] == kName)
      size = 7 + static_cast<unsigned char>(answer_[4]);
  }
  return size - std::min(size, answer_.size());
}

void Socks5Opening::advance() {
  const char version = step_ == Step::authentication ? kAuthenticationVersion : kVersion;
  if (answer_[0] != version) return fail("the proxy does not speak SOCKS 5");
  if (step_ == Step::method) {
    on_method();
  } else if (step_ == Step::reply) {
    on_reply();
  } else if (answer_[1] != 0) {
    fail("the proxy refuses the user name or the password");
  } else {
    ask_to_connect();
  }
  answer_.clear();
}

void Socks5Opening::on_method() {
  if (answer_[1] == kNoAuthentication) return ask_to_connect();
  if (answer_[1] == kUsernamePassword && credentials_) {
    step_ = Step::authentication;
    output_ = kAuthenticationVersion + with_length(credentials_->username) +
              with_length(credentials_->password);
    return;
  }
  if (static_cast<unsigned char>(answer_[1]) != kNoMethod)
    return fail("the proxy chose a method of authentication that was not offered");
  fail(credentials_ ? "the proxy does not take user name and password"
                    : "the proxy asks for a user name and a password");
}

void Socks5Opening::ask_to_connect() {
  step_ = Step::reply;
  output_ = {kVersion, kConnect, 0};
  output_ += address_field(host_);
  output_ += static_cast<char>(port_ >> 8U);
  output_ += static_cast<char>(port_ & 0xFFU);
}

void Socks5Opening::on_reply() {
  if (answer_[1] != 0) return fail(reply_text(static_cast<unsigned char>(answer_[1])));
  if (answer_[3] != kIpv4 && answer_[3] != kName && answer_[3] != kIpv6)
    return fail("the proxy does not speak SOCKS 5");
  succeed();
}

}  // namespace mqtt::net
