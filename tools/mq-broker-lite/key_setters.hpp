#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/common/setters.hpp"
#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

/// true, false, 1, 0, or no word at all, which is true: "--allow-anonymous".
cli::Setter set_yes_no(bool& target);
cli::Setter set_yes_no(std::optional<bool>& target);
/// A list: what the command line says replaces what the file said.
cli::Setter add_to(const Options& options, std::vector<std::string>& target);

/// A maximum where -1 means none.
cli::Setter set_maximum(std::optional<std::uint32_t>& target, std::string_view noun);

template <class T>
T& field(ListenerDraft& draft, T mqtt::net::ListenOptions::*member) {
  return draft.settings.socket.*member;
}
template <class T>
T& field(ListenerDraft& draft, T mqtt::server::ListenerSettings::*member) {
  return draft.settings.*member;
}
template <class T>
T& field(ListenerDraft& draft, T mqtt::broker::ListenerRules::*member) {
  return draft.settings.rules.*member;
}
template <class T>
T& field(ListenerDraft& draft, T mqtt::net::TlsServerOptions::*member) {
  return draft.tls.*member;
}

/// The setter that `make` gives for a field of the listener that is being described then.
template <class Member, class Make>
cli::Setter in_listener(Options& options, Member member, Make make) {
  return [&options, member, make](cli::Words words) {
    ListenerDraft& draft = options.current();
    if (draft.first_key.empty()) draft.first_key = options.place;
    return make(field(draft, member))(words);
  };
}

/// The same for what a listener may do differently: before the first `listener` it is said of all.
template <class Member, class Target, class Make>
cli::Setter in_rules(Options& options, Member member, Target& common, Make make) {
  return [&options, member, &common, make](cli::Words words) {
    return options.block ? make(field(options.current(), member))(words) : make(common)(words);
  };
}

/// For `make` above.
inline constexpr auto kSetText = [](std::string& target) { return cli::set_text(target); };
inline constexpr auto kSetYesNo = [](bool& target) { return set_yes_no(target); };

/// Completes a row: a yes-or-no value with its choices.
Key yes_no_key(Key key);
/// Completes a row: a value up to the end of the line that names a file or directory.
Key file_key(Key key, cli::Option::Hint hint = cli::Option::Hint::file);

/// Appends rows to a table.
inline void append(std::vector<Key>& table, std::vector<Key> rows) {
  for (Key& row : rows) table.push_back(std::move(row));
}

}  // namespace mq_broker_lite
