#include "tools/mq-broker-lite/addresses.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>

#include "tools/common/terminal.hpp"

namespace mq_broker_lite {
namespace {

using asio::ip::address;

/// Whether the machine has it: IPv6 may be off.
bool has(const address& wanted) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context);
  const asio::ip::tcp::endpoint endpoint(wanted, 0);
  std::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.bind(endpoint, error);
  return !error;
}

std::vector<address> usual(const ListenerDraft& draft, bool is_local) {
  using asio::ip::address_v4;
  using asio::ip::address_v6;
  const address v4 = is_local ? address_v4::loopback() : address_v4::any();
  const address v6 = is_local ? address_v6::loopback() : address_v6::any();
  std::vector<address> all;
  if (draft.socket_domain != AF_INET6) all.push_back(v4);
  if (draft.socket_domain != AF_INET && has(v6)) all.push_back(v6);
  return all;
}

std::expected<std::vector<address>, std::string> look_up(const std::string& name, int domain) {
  addrinfo hints{};
  hints.ai_family = domain == 0 ? AF_UNSPEC : domain;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &found); error != 0)
    return std::unexpected(
        fmt::format("{} is no address: {}", cli::quoted(name), ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<address> all;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (each->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const std::byte*>(each->ai_addr), each->ai_addrlen,
                reinterpret_cast<std::byte*>(endpoint.data()));
    if (std::ranges::find(all, endpoint.address()) == all.end()) all.push_back(endpoint.address());
  }
  return all;
}

}  // namespace

std::expected<std::vector<address>, std::string> addresses_of(const ListenerDraft& draft) {
  std::string name = draft.address;
  if (name.empty()) {
    auto all = usual(draft, draft.is_local);
    if (all.empty()) return std::unexpected("this machine has no IPv6");
    return all;
  }
  if (name == "localhost") return usual(draft, true);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  std::error_code error;
  const address literal = asio::ip::make_address(name, error);
  if (!error) return std::vector{literal};
  return look_up(name, draft.socket_domain);
}

}  // namespace mq_broker_lite
