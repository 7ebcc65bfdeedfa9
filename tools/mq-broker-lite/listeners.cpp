#include "tools/mq-broker-lite/listeners.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-broker-lite/addresses.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::server::AccessSettings;
using mqtt::server::ListenerSettings;
using Outcome = std::expected<void, std::string>;
using Tls = ListenerDraft::Tls;

std::unexpected<std::string> refuse(const ListenerDraft& draft, std::string_view why) {
  return std::unexpected(fmt::format("{}: {}", draft.place, why));
}

/// A listener of the command line, with what it does not say taken from the default listener.
ListenerDraft open_door(const ListenerDraft& door, const ListenerDraft& defaults) {
  ListenerDraft draft = defaults;
  draft.place = door.place;
  draft.port = door.port;
  draft.is_local = door.is_local;
  draft.tls_use = door.tls_use;
  draft.settings.protocol = door.settings.protocol;
  draft.settings.socket.unix_path = door.settings.socket.unix_path;
  return draft;
}

/// What listens, before TLS, access and addresses are judged.
std::vector<ListenerDraft> collect(Options& options) {
  const auto uses = [&options](Tls tls) {
    return std::ranges::find(options.doors, tls, &ListenerDraft::tls_use) != options.doors.end();
  };
  const bool has_port = uses(Tls::with_certificate);
  const bool has_tls_port = uses(Tls::always);
  std::vector<ListenerDraft> drafts;
  for (const ListenerDraft& door : options.doors) {
    ListenerDraft& draft = drafts.emplace_back(open_door(door, options.defaults));
    if (door.tls_use != Tls::with_certificate) continue;
    draft.settings.protocol = options.defaults.settings.protocol;
    if (has_tls_port) draft.tls_use = Tls::never;  // --certfile was meant for that one.
  }
  const bool is_bare = drafts.empty() && options.blocks.empty();
  if (is_bare || (options.opens_default && !has_port)) {
    drafts.push_back(options.defaults);
    drafts.back().is_local = !options.opens_default;
  } else if (drafts.empty() && !options.defaults.first_key.empty()) {
    options.warnings.push_back(options.defaults.first_key +
                               ": stands before the first listener and belongs to none");
  }
  drafts.insert(drafts.end(), options.blocks.begin(), options.blocks.end());
  return drafts;
}

Outcome judge_tls(ListenerDraft& draft) {
  ListenerSettings& settings = draft.settings;
  const mqtt::net::TlsServerOptions& tls = draft.tls;
  const bool wants_names = settings.use_identity_as_username || settings.use_subject_as_username;
  if (draft.tls_use == Tls::never) {
    settings.use_identity_as_username = settings.use_subject_as_username = false;
    return {};
  }
  if (draft.tls_use == Tls::with_certificate && tls == mqtt::net::TlsServerOptions{}) {
    if (wants_names) return refuse(draft, "user names from certificates need certfile and keyfile");
    return {};
  }
  if (tls.certfile.empty()) return refuse(draft, "TLS needs certfile: none is given");
  if (tls.keyfile.empty()) return refuse(draft, "certfile needs keyfile: none is given");
  if (tls.require_certificate && tls.cafile.empty() && tls.capath.empty())
    return refuse(draft, "require_certificate needs cafile or capath: none is given");
  if (wants_names && !tls.require_certificate)
    return refuse(draft, "user names from certificates need require_certificate true");
  settings.tls = tls;
  return {};
}

bool is_local(const std::vector<asio::ip::address>& addresses) {
  return std::ranges::all_of(addresses, [](const auto& each) { return each.is_loopback(); });
}

/// Decides whether anonymous clients come in. Where nobody has said so they do only while nobody
/// from outside can, and nobody has to log in.
Outcome judge_access(ListenerDraft& draft, const Options& options, bool is_reachable) {
  const bool per_listener = options.settings.per_listener_settings;
  AccessSettings& own = draft.settings.access;
  const AccessSettings& in_force = per_listener ? own : options.settings.access;
  if (!own.allow_anonymous) own.allow_anonymous = in_force.allow_anonymous;
  if (own.allow_anonymous) return {};
  const bool asks_who = !in_force.password_file.empty() ||
                        draft.settings.use_identity_as_username ||
                        draft.settings.use_subject_as_username;
  if (!asks_who && is_reachable)
    return refuse(draft,
                  "this listener can be reached from the network and nothing says who may come in: "
                  "give password_file, or allow_anonymous true");
  own.allow_anonymous = !asks_who;
  return {};
}

std::expected<std::vector<ListenerSettings>, std::string> expand(ListenerDraft draft,
                                                                 const Options& options,
                                                                 std::uint32_t block) {
  if (Outcome judged = judge_tls(draft); !judged) return std::unexpected(judged.error());
  std::vector<asio::ip::address> addresses;
  const bool is_unix = !draft.settings.socket.unix_path.empty();
  if (!is_unix) {
    auto found = addresses_of(draft);
    if (!found) return refuse(draft, found.error());
    addresses = std::move(*found);
  }
  if (Outcome judged = judge_access(draft, options, !is_local(addresses)); !judged)
    return std::unexpected(judged.error());
  draft.settings.block = block;
  draft.settings.socket.nodelay = options.nodelay;
  draft.settings.socket.port = draft.port.value_or(1883);
  if (is_unix) return std::vector{draft.settings};
  std::vector<ListenerSettings> listeners;
  for (const asio::ip::address& address : addresses) {
    listeners.push_back(draft.settings);
    listeners.back().socket.address = address.to_string();
  }
  return listeners;
}

}  // namespace

std::expected<std::vector<ListenerSettings>, std::string> complete_listeners(Options& options) {
  std::vector<ListenerSettings> all;
  std::uint32_t block = 0;
  for (const ListenerDraft& draft : collect(options)) {
    auto listeners = expand(draft, options, block++);
    if (!listeners) return listeners;
    std::ranges::move(*listeners, std::back_inserter(all));
  }
  AccessSettings& access = options.settings.access;
  if (!access.allow_anonymous) access.allow_anonymous = false;
  return all;
}

}  // namespace mq_broker_lite
