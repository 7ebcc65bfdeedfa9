#include "tools/mq-broker-lite/privileges.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "tools/common/terminal.hpp"
#include "tools/mq-broker-lite/listeners.hpp"

namespace mq_broker_lite {
namespace {

const passwd* find_user(const std::string& name) { return ::getpwnam(name.c_str()); }

}  // namespace

std::expected<std::optional<std::string>, std::string> user_to_become(
    const mqtt::server::ServerSettings& settings) {
  const std::string& named = settings.operation.user;
  if (!named.empty() && find_user(named) == nullptr)
    return std::unexpected(fmt::format("user: there is no user {}", cli::quoted(named)));
  if (::geteuid() != 0 || named == "root") return std::nullopt;
  if (!named.empty()) return named;
  // A broker for this machine alone keeps what its caller gave it, so that the files of a job stay
  // readable; one that strangers can reach must not be root.
  const bool is_private = std::ranges::all_of(
      settings.listeners, [](const auto& listener) { return is_local(listener.socket); });
  if (is_private) return std::nullopt;
  for (const char* usual : {"mosquitto", "nobody"})
    if (find_user(usual) != nullptr) return usual;
  return std::unexpected("user: root needs a user to become, and there is no mosquitto nor nobody");
}

std::expected<void, std::string> become(const std::string& user) {
  const auto failed = [&user](std::string_view why) {
    return std::unexpected(fmt::format("user {}: {}", cli::quoted(user), why));
  };
  const passwd* entry = find_user(user);
  if (entry == nullptr) return failed("there is no such user");
  // The groups first: without root's user id they can't be changed any more.
  if (::initgroups(entry->pw_name, entry->pw_gid) != 0 || ::setgid(entry->pw_gid) != 0 ||
      ::setuid(entry->pw_uid) != 0)
    return failed(std::strerror(errno));
  if (entry->pw_uid != 0 && ::setuid(0) == 0) return failed("root could be had back");
  return {};
}

}  // namespace mq_broker_lite
