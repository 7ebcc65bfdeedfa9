#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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
///
/// A topic is allowed when some rule of the client's (its own, or a pattern) allows it and none
/// denies it. Rules before the first `user` line are for anonymous clients alone, patterns are for
/// everybody. Like a subscription, a rule that begins with a wildcard leaves `$` topics alone.
///
/// Patterns: %u and %c stand for the user name and the client id, wherever in the filter. A name
/// that holds `+`, `#` or `/`, or that an anonymous client has not got, is never put in: such a
/// pattern allows the client nothing, and one that denies takes any level for it.
///
/// A subscription is refused only when it can never bring anything: every topic that its filter has
/// in common with a rule that allows reading is denied. A wider one than the rules is accepted, and
/// each message is looked at on its way out, as clients of mosquitto that subscribe to "#" expect.
class Access {
 public:
  /// Reads the text of an ACL file; its lines may end in CRLF. The error is "LINE: what is wrong".
  static std::expected<std::shared_ptr<const Access>, std::string> parse(std::string_view text);

  /// The topic is valid, or, to subscribe, a valid filter without "$share/NAME/".
  bool allows(Action action, const Identity& who, std::string_view topic) const;

 private:
  friend class AccessParser;
  /// Bits: what a rule gives or takes.
  using Grants = unsigned;
  static constexpr Grants kRead = 1;
  static constexpr Grants kWrite = 2;
  static constexpr Grants kDeny = 4;

  struct Rule {
    std::string filter;
    Grants grants = 0;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
  /// One user's: those without wildcards are found by the topic, however many there are.
  struct Rules {
    ByText<Grants> exact;
    std::vector<Rule> wildcards;
  };

  const Rules* rules_of(const Identity& who) const;
  Grants grants_on(const Identity& who, std::string_view topic) const;
  bool may_subscribe(const Identity& who, std::string_view filter) const;
  /// Whether one denies all that a filter matches.
  bool is_denied(const Identity& who, std::string_view filter) const;
  /// Whether `wanted(filter, grants)` accepts one of the client's rules with wildcards, or one of
  /// its patterns with the client's names put in.
  template <class Wanted>
  bool any_wildcard_rule(const Identity& who, Wanted wanted) const;

  Rules anonymous_;
  ByText<Rules> users_;
  std::vector<Rule> patterns_;
};

}  // namespace mqtt::broker
