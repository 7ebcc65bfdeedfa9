#include "tools/mq-bench/source_addresses.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "tools/common/setters.hpp"

namespace mq_bench {
namespace {

constexpr std::size_t kMostAddresses = 65'536;
constexpr unsigned kBits = 32;

/// In host order.
std::optional<std::uint32_t> parse_ipv4(const std::string& text) {
  in_addr address{};
  if (::inet_pton(AF_INET, text.c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string to_text(std::uint32_t ipv4) {
  const in_addr address{htonl(ipv4)};
  std::array<char, INET_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET, &address, text.data(), text.size());
  return text.data();
}

/// First and last.
using Range = std::pair<std::uint32_t, std::uint32_t>;

std::optional<Range> parse_range(std::string_view word) {
  const std::size_t dash = word.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = parse_ipv4(std::string(word.substr(0, dash)));
  const auto last = parse_ipv4(std::string(word.substr(dash + 1)));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

std::optional<Range> parse_network(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ipv4(std::string(word.substr(0, slash)));
  const auto prefix = cli::parse_number(word.substr(slash + 1), {"prefix", 0, kBits});
  if (!address || !prefix) return std::nullopt;
  const auto hosts = static_cast<std::uint32_t>((std::uint64_t{1} << (kBits - *prefix)) - 1);
  const std::uint32_t network = *address & ~hosts;
  if (hosts <= 1) return Range{network, network + hosts};
  return Range{network + 1, network + hosts - 1};
}

/// What the system says to a socket that is to connect from there; 0: nothing against it.
int try_source(const std::string& address) {
  sockaddr_in ipv4{};
  sockaddr_in6 ipv6{};
  ipv4.sin_family = AF_INET;
  ipv6.sin6_family = AF_INET6;
  const bool is_ipv4 = ::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1;
  ::inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr);
  const int socket = ::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return errno;
  const int bound = is_ipv4 ? ::bind(socket, reinterpret_cast<sockaddr*>(&ipv4), sizeof ipv4)
                            : ::bind(socket, reinterpret_cast<sockaddr*>(&ipv6), sizeof ipv6);
  const int error = bound == 0 ? 0 : errno;
  ::close(socket);
  return error;
}

}  // namespace

std::optional<RefusedSource> find_refused(const std::vector<std::string>& sources) {
  for (const std::string& source : sources) {
    if (const int error = try_source(source); error != 0)
      return RefusedSource{source, std::generic_category().message(error)};
  }
  return std::nullopt;
}

std::expected<std::vector<std::string>, cli::Complaint> parse_source_addresses(
    std::string_view list) {
  std::vector<std::string> addresses;
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    const std::string word(list.substr(start, end - start));
    start = end + 1;
    const auto one = parse_ipv4(word);
    const auto range = one ? Range{*one, *one} : parse_range(word);
    const auto all = range ? range : parse_network(word);
    if (!all && !is_ipv6(word))
      return std::unexpected(cli::is_not(word, "local address, a range of them or a network"));
    const std::uint64_t count = all ? std::uint64_t{all->second} - all->first + 1 : 1;
    if (addresses.size() + count > kMostAddresses)
      return std::unexpected(cli::is_not(list, "list of at most 65536 local addresses"));
    if (!all) addresses.push_back(word);
    for (std::uint64_t i = 0; all && i < count; ++i)
      addresses.push_back(to_text(static_cast<std::uint32_t>(all->first + i)));
  }
  return addresses;
}

}  // namespace mq_bench
