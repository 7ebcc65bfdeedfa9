#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::server::AccessSettings;
using mqtt::server::ListenerSettings;

constexpr std::string_view kAccess = "Access";

/// The setter that `make` gives for a field of the access settings that are being described then.
template <class Member, class Make>
cli::Setter in_access(Options& options, Member member, Make make) {
  return [&options, member, make](cli::Words words) {
    options.has_security = true;
    return make(options.access().*member)(words);
  };
}

cli::Setter set_per_listener(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    if (options.has_security)
      return "must stand before allow_anonymous, password_file and acl_file";
    return set_yes_no(options.settings.per_listener_settings)(words);
  };
}

cli::Setter set_listener_anonymous(Options& options) {
  return [&options](cli::Words words) {
    return set_yes_no(options.current().settings.access.allow_anonymous)(words);
  };
}

std::vector<Key> anonymous_keys(Options& options) {
  const auto set_optional = [](std::optional<bool>& target) { return set_yes_no(target); };
  return {
      yes_no_key(
          {.option = {.name = "allow-anonymous",
                      .group = kAccess,
                      .help = "let in who gives no user name",
                      .man = "Said by nobody, it is true only while every listener is a "
                             "loopback address or a Unix socket and no authentication is "
                             "configured.",
                      .set = in_access(options, &AccessSettings::allow_anonymous, set_optional)},
           .scope = Key::Scope::access,
           .reloads = true}),
      yes_no_key({.option = {.name = "listener-allow-anonymous",
                             .group = kAccess,
                             .help = "the same for one listener, instead of --allow-anonymous",
                             .set = set_listener_anonymous(options)},
                  .scope = Key::Scope::listener,
                  .reloads = true}),
      yes_no_key({.option = {.name = "per-listener-settings",
                             .group = kAccess,
                             .help = "each listener has access settings of its own",
                             .man = "These are allow_anonymous, password_file and acl_file. It "
                                    "must stand before them.",
                             .default_text = "false",
                             .set = set_per_listener(options)}}),
  };
}

std::vector<Key> file_keys(Options& options) {
  return {
      file_key({.option = {.name = "password-file",
                           .group = kAccess,
                           .help = "users and their hashed passwords",
                           .man = "As mosquitto_passwd and mq-broker-lite passwd write it. Who "
                                  "gives a user name has to give the password too. Users with a "
                                  "scram-sha-256 entry may use enhanced authentication by that "
                                  "method.",
                           .set = in_access(options, &AccessSettings::password_file, kSetText)},
                .scope = Key::Scope::access,
                .reloads = true}),
      file_key({.option = {.name = "acl-file",
                           .group = kAccess,
                           .help = "who may publish and subscribe what",
                           .man = "Without one everything is allowed to whom is let in. What the "
                                  "file does not allow is refused; an empty file allows nothing.",
                           .set = in_access(options, &AccessSettings::acl_file, kSetText)},
                .scope = Key::Scope::access,
                .reloads = true}),
  };
}

}  // namespace

std::vector<Key> access_keys(Options& options) {
  std::vector<Key> rows = anonymous_keys(options);
  append(rows, file_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
