#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace mqtt::broker {

/// What a client wants with a topic name (publish, deliver) or a filter (subscribe).
enum class Action : std::uint8_t { publish, deliver, subscribe };

/// Who a client is, for access rules and for what they say of it.
struct Identity {
  std::string_view username;  ///< Empty for an anonymous client.
  std::string_view client_id;
};

/// The rules of one ACL file (mosquitto's syntax), parsed; immutable, shared by the sessions that
/// live under them. No rules at all are another thing than an empty file, which allows nothing.
class Access {
 public:
  /// Reads the text of an ACL file. The error is "LINE: what is wrong".
  static std::expected<std::shared_ptr<const Access>, std::string> parse(std::string_view text);
  bool allows(Action action, const Identity& who, std::string_view topic) const;
};

}  // namespace mqtt::broker
