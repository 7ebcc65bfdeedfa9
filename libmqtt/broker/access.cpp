#include "libmqtt/broker/access.hpp"

#include <algorithm>
#include <optional>

#include "libmqtt/broker/filter_overlap.hpp"
#include "libmqtt/broker/level_table.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {
namespace {

/// The name that a variable ("%u" or "%c") stands for; nothing when it may not be put in.
std::optional<std::string_view> value_of(std::string_view variable, const Identity& who) {
  const std::string_view name = variable == "%u" ? who.username : who.client_id;
  if (name.empty() || name.find_first_of("+#/") != std::string_view::npos) return std::nullopt;
  return name;
}

/// The next piece of a pattern's text: a variable, or what stands before the next one.
std::string_view take_piece(std::string_view& rest) {
  const auto is_variable = [&](std::size_t at) {
    return at + 1 < rest.size() && (rest[at + 1] == 'u' || rest[at + 1] == 'c');
  };
  std::size_t size = rest.find('%');
  while (size != std::string_view::npos && !is_variable(size)) size = rest.find('%', size + 1);
  if (size == 0) size = 2;
  const std::string_view piece = rest.substr(0, size);
  rest.remove_prefix(piece.size());
  return piece;
}

bool is_variable(std::string_view piece) { return piece == "%u" || piece == "%c"; }

/// Whether one level of a topic is that of a pattern, with the client's names put in. A name that
/// can't be put in makes the level match anything or nothing, as `for_want_of_it` says.
bool is_level(std::string_view pattern, std::string_view level, const Identity& who,
              bool for_want_of_it) {
  if (pattern == "+") return true;
  while (!pattern.empty()) {
    const std::string_view piece = take_piece(pattern);
    const auto text = is_variable(piece) ? value_of(piece, who) : piece;
    if (!text) return for_want_of_it;
    if (!level.starts_with(*text)) return false;
    level.remove_prefix(text->size());
  }
  return level.empty();
}

/// matches() for a pattern, without making the filter that it stands for.
bool matches_pattern(std::string_view pattern, std::string_view topic, const Identity& who,
                     bool for_want_of_it) {
  // Not even by a client that is called "$SYS".
  if (topic.starts_with('$') && !pattern.starts_with('$')) return false;
  Levels wanted(pattern);
  Levels levels(topic);
  while (const auto want = wanted.next()) {
    if (want == "#") return true;
    const auto level = levels.next();
    if (!level || !is_level(*want, *level, who, for_want_of_it)) return false;
  }
  return !levels.next();
}

/// The filter that a pattern stands for; nothing when it stands for none, or, by way of a name, for
/// one of `$` topics. `for_want_of_it`: a level that takes a name which can't be put in.
std::optional<std::string> filter_of(std::string_view pattern, const Identity& who,
                                     std::string_view for_want_of_it) {
  std::string filter;
  Levels levels(pattern);
  for (bool is_first = true; auto level = levels.next(); is_first = false) {
    if (!is_first) filter += '/';
    const std::size_t begin = filter.size();
    for (std::string_view rest = *level; !rest.empty();) {
      const std::string_view piece = take_piece(rest);
      const auto text = is_variable(piece) ? value_of(piece, who) : piece;
      if (!text && for_want_of_it.empty()) return std::nullopt;
      if (!text) {
        filter.replace(begin, std::string::npos, for_want_of_it);
        break;
      }
      filter += *text;
    }
  }
  if (filter.starts_with('$') && !pattern.starts_with('$')) return std::nullopt;
  return filter;
}

}  // namespace

bool Access::allows(Action action, const Identity& who, std::string_view topic) const {
  if (action == Action::subscribe) return may_subscribe(who, topic);
  const Grants grants = grants_on(who, topic);
  return (grants & kDeny) == 0 && (grants & (action == Action::publish ? kWrite : kRead)) != 0;
}

const Access::Rules* Access::rules_of(const Identity& who) const {
  if (who.username.empty()) return &anonymous_;
  const auto found = users_.find(who.username);
  return found == users_.end() ? nullptr : &found->second;
}

Access::Grants Access::grants_on(const Identity& who, std::string_view topic) const {
  Grants grants = 0;
  if (const Rules* rules = rules_of(who)) {
    if (const auto exact = rules->exact.find(topic); exact != rules->exact.end())
      grants |= exact->second;
    for (const Rule& rule : rules->wildcards)
      if (matches(rule.filter, topic)) grants |= rule.grants;
  }
  for (const Rule& rule : patterns_)
    if (matches_pattern(rule.filter, topic, who, (rule.grants & kDeny) != 0)) grants |= rule.grants;
  return grants;
}

template <class Wanted>
bool Access::any_wildcard_rule(const Identity& who, Wanted wanted) const {
  if (const Rules* rules = rules_of(who))
    for (const Rule& rule : rules->wildcards)
      if (wanted(rule.filter, rule.grants)) return true;
  return std::ranges::any_of(patterns_, [&](const Rule& rule) {
    const std::string_view any_level = (rule.grants & kDeny) != 0 ? "+" : "";
    const auto filter = filter_of(rule.filter, who, any_level);
    return filter && wanted(*filter, rule.grants);
  });
}

bool Access::is_denied(const Identity& who, std::string_view filter) const {
  if (!has_wildcard(filter)) return (grants_on(who, filter) & kDeny) != 0;
  return any_wildcard_rule(who, [&](std::string_view rule, Grants grants) {
    return (grants & kDeny) != 0 && covers(rule, filter);
  });
}

bool Access::may_subscribe(const Identity& who, std::string_view filter) const {
  if (!has_wildcard(filter)) return allows(Action::deliver, who, filter);
  const bool brings_something = any_wildcard_rule(who, [&](std::string_view rule, Grants grants) {
    if ((grants & kRead) == 0) return false;
    const auto common = common_filter(rule, filter);
    return common && !is_denied(who, *common);
  });
  const Rules* rules = rules_of(who);
  return brings_something ||
         (rules != nullptr && std::ranges::any_of(rules->exact, [&](auto& rule) {
            return (rule.second & kRead) != 0 && matches(filter, rule.first) &&
                   !is_denied(who, rule.first);
          }));
}

}  // namespace mqtt::broker
