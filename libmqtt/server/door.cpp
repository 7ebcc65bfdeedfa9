#include "libmqtt/server/door.hpp"

#include <utility>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/server/text_file.hpp"

namespace mqtt::server {
namespace {

std::expected<std::shared_ptr<const broker::Access>, std::string> load_rules(
    const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return std::unexpected(text.error());
  auto rules = broker::Access::parse(*text);
  if (!rules) return std::unexpected(escaped(path) + ":" + rules.error());
  return rules;
}

/// What `load` makes of the file, or made of it before; nothing of no file.
template <class Cache, class Load>
typename Cache::mapped_type cached(Cache& cache, const std::string& path, Load load) {
  if (path.empty()) return nullptr;
  const auto found = cache.find(path);
  return found != cache.end() ? found->second : cache.emplace(path, load(path)).first->second;
}

}  // namespace

std::expected<Door, std::string> DoorLoader::load(const ListenerSettings& listener,
                                                  std::uint16_t number) {
  const bool has_own = settings_.per_listener_settings;
  const AccessSettings& access = has_own ? listener.access : settings_.access;
  auto users = cached(users_, access.password_file, PasswordFile::load);
  if (!users) return std::unexpected(std::move(users.error()));
  auto rules = cached(rules_, access.acl_file, load_rules);
  if (!rules) return std::unexpected(std::move(rules.error()));
  return Door{.access = static_cast<broker::AccessScope>(has_own ? number + 1 : 0),
              // Whatever nobody has said is a closed door.
              .allow_anonymous =
                  listener.access.allow_anonymous.value_or(access.allow_anonymous.value_or(false)),
              .users = std::move(*users),
              .rules = std::move(*rules)};
}

}  // namespace mqtt::server
