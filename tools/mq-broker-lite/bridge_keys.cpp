#include <array>

#include "tools/mq-broker-lite/key_groups.hpp"

namespace mq_broker_lite {
namespace {

constexpr std::string_view kRefusal = "bridges are not available in this version";

constexpr std::array<std::string_view, 27> kNames = {"connection",
                                                     "address",
                                                     "topic",
                                                     "bridge-protocol-version",
                                                     "remote-clientid",
                                                     "local-clientid",
                                                     "remote-username",
                                                     "remote-password",
                                                     "cleansession",
                                                     "local-cleansession",
                                                     "keepalive-interval",
                                                     "notifications",
                                                     "notification-topic",
                                                     "start-type",
                                                     "restart-timeout",
                                                     "try-private",
                                                     "round-robin",
                                                     "bridge-cafile",
                                                     "bridge-capath",
                                                     "bridge-certfile",
                                                     "bridge-keyfile",
                                                     "bridge-insecure",
                                                     "bridge-alpn",
                                                     "bridge-attempt-unsubscribe",
                                                     "bridge-max-packet-size",
                                                     "bridge-max-topic-alias",
                                                     "bridge-outgoing-retain"};

}  // namespace

std::vector<Key> bridge_keys(Options&) {
  std::vector<Key> rows;
  for (const std::string_view name : kNames)
    rows.push_back({.option = {.name = name,
                               .value = "VALUE",
                               .group = "Bridges",
                               .help = "refused: bridges are not available in this version",
                               .set = [](cli::Words) { return std::string(kRefusal); }},
                    .syntax = Key::Syntax::list,
                    .refusal = kRefusal});
  return rows;
}

}  // namespace mq_broker_lite
