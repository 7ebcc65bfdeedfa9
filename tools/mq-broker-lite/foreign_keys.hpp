#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace mq_broker_lite {

/// A key of mosquitto's that is no row of our table.
struct ForeignKey {
  std::string_view name;
  std::string_view reason;
  bool is_refused = true;  ///< Else it has no effect in mosquitto either: only a warning.
};

std::span<const ForeignKey> foreign_keys();
/// The one of this name; `auth_opt_…` and `plugin_opt_…` have any ending.
std::optional<ForeignKey> find_foreign_key(std::string_view name);

}  // namespace mq_broker_lite
