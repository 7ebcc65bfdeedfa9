#include "tools/mq-broker-lite/listener_value.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "libmqtt/broker/mount_point.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::Version;

template <class T>
using Choices = std::vector<std::pair<std::string_view, T>>;

bool is_address(const std::string& text) {
  in6_addr room{};
  return ::inet_pton(AF_INET, text.c_str(), &room) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &room) == 1;
}

}  // namespace

cli::Complaint read_port(ListenerDraft& door, const std::string& value) {
  const std::vector<std::string> words = {value};
  return cli::set_number(door.port, {.noun = "port", .least = 0, .most = 65535})(words);
}

cli::Complaint read_unix_path(ListenerDraft& door, const std::string& value) {
  if (value.empty()) return "a Unix socket needs a path";
  if (value.size() >= sizeof(sockaddr_un::sun_path))
    return cli::is_not(value, "path that a Unix socket may have (up to 107 bytes)");
  door.settings.socket.unix_path = value;
  return {};
}

std::string bare_address(const std::string& text) {
  const bool is_bracketed = text.starts_with('[') && text.ends_with(']');
  return is_bracketed ? text.substr(1, text.size() - 2) : text;
}

cli::Complaint read_listener(ListenerDraft& block, const std::string& value) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t end = std::min(value.find_first_of(kBlanks), value.size());
  if (cli::Complaint complaint = read_port(block, value.substr(0, end)); !complaint.empty())
    return complaint;
  const std::size_t start = value.find_first_not_of(kBlanks, end);
  // mosquitto takes "listener 1883 # ours" for a listener on every address.
  if (start == std::string::npos || value[start] == '#') return {};
  const std::string where = value.substr(start);
  if (block.port == 0 && !is_address(bare_address(where)) && where != "localhost")
    return read_unix_path(block, where);
  block.settings.socket.address = bare_address(where);
  return {};
}

cli::Setter set_protocol(mqtt::server::ListenerSettings::Protocol& target) {
  using enum mqtt::server::ListenerSettings::Protocol;
  return cli::set_choice(target, "protocol (mqtt or websockets)",
                         Choices<mqtt::server::ListenerSettings::Protocol>{
                             {"mqtt", mqtt}, {"websockets", websockets}});
}

cli::Setter set_socket_domain(mqtt::net::ListenOptions::Family& target) {
  using enum mqtt::net::ListenOptions::Family;
  return cli::set_choice(target, "socket domain (ipv4 or ipv6)",
                         Choices<mqtt::net::ListenOptions::Family>{{"ipv4", ipv4}, {"ipv6", ipv6}});
}

cli::Setter set_versions(std::vector<Version>& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    std::vector<Version> versions;
    std::string_view rest = words[0];
    while (true) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      Version version{};
      std::vector<std::string> word = {std::string(rest.substr(0, comma))};
      std::erase(word[0], ' ');
      const auto read = cli::set_choice(
          version, "protocol version (3, 4 or 5)",
          Choices<Version>{{"3", Version::v3_1}, {"4", Version::v3_1_1}, {"5", Version::v5_0}});
      if (cli::Complaint complaint = read(word); !complaint.empty()) return complaint;
      versions.push_back(version);
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
    target = std::move(versions);
    return {};
  };
}

cli::Setter set_mount_point(std::string& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    if (cli::Complaint complaint = cli::check_topic_name(words[0]); !complaint.empty())
      return "a mount point begins topics: " + complaint;
    if (!mqtt::broker::is_valid_mount_point(words[0]))
      return cli::is_not(words[0], "mount point: it begins with $, or has too many levels");
    target = words[0];
    return {};
  };
}

cli::Setter set_websockets_path(std::string& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    if (!words[0].starts_with('/')) return cli::is_not(words[0], "path (it begins with /)");
    target = words[0];
    return {};
  };
}

cli::Setter set_proxy_protocol(bool& target) {
  return cli::set_choice(target, "version of the PROXY protocol (1 or 2)",
                         Choices<bool>{{"1", true}, {"2", true}, {"true", true}, {"false", false}});
}

}  // namespace mq_broker_lite
