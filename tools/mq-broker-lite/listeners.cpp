#include "tools/mq-broker-lite/listeners.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tools/common/terminal.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::net::ListenOptions;
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
  } else if (drafts.empty() && !options.defaults.settings.socket.address.empty()) {
    options.warnings.push_back(options.defaults.place +
                               ": no listener takes this address: each names its own");
  } else if (drafts.empty() && !options.defaults.first_key.empty()) {
    options.warnings.push_back(options.defaults.first_key +
                               ": stands before the first listener and belongs to none");
  }
  drafts.insert(drafts.end(), options.blocks.begin(), options.blocks.end());
  return drafts;
}

/// TLS ends at a proxy, which tells of it in its header.
Outcome judge_proxy(ListenerDraft& draft) {
  ListenerSettings& settings = draft.settings;
  const bool wants_certificate = std::exchange(draft.tls.require_certificate, false);
  if (draft.tls != mqtt::net::TlsServerOptions{})
    return refuse(draft, "TLS needs certfile: none is given");
  if (settings.use_subject_as_username)
    return refuse(draft, "use_subject_as_username needs certfile: a PROXY header has no subject");
  if (settings.use_identity_as_username && !wants_certificate)
    return refuse(draft, "user names from certificates need require_certificate true");
  settings.proxy_protocol_v2_requires_certificate = wants_certificate;
  return {};
}

Outcome judge_tls(ListenerDraft& draft) {
  ListenerSettings& settings = draft.settings;
  const mqtt::net::TlsServerOptions& tls = draft.tls;
  const bool wants_names = settings.use_identity_as_username || settings.use_subject_as_username;
  if (draft.tls_use == Tls::never) {
    settings.use_identity_as_username = settings.use_subject_as_username = false;
    return {};
  }
  if (settings.proxy_protocol_v2_requires_tls && !settings.proxy_protocol)
    return refuse(draft, "proxy_protocol_v2_require_tls needs enable_proxy_protocol");
  if (settings.proxy_protocol && tls.certfile.empty() && draft.tls_use == Tls::with_certificate)
    return judge_proxy(draft);
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

/// Whether the machine has ::1: IPv6 may be off.
bool has_loopback_v6() {
  const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool is_bound =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return is_bound;
}

/// Where the draft listens: literal addresses, or the path of a Unix socket.
std::expected<std::vector<ListenOptions>, std::string> sockets(const ListenerDraft& draft) {
  const bool is_loopback = draft.settings.socket.unix_path.empty() &&
                           draft.settings.socket.address.empty() && draft.is_local;
  if (!is_loopback) return mqtt::net::each_address(draft.settings.socket);
  using Family = ListenOptions::Family;
  const Family family = draft.settings.socket.family;
  std::vector<ListenOptions> both;
  const auto add = [&](std::string_view address) {
    both.push_back(draft.settings.socket);
    both.back().address = address;
  };
  if (family != Family::ipv6) add("127.0.0.1");
  if (family != Family::ipv4 && has_loopback_v6()) add("::1");
  if (both.empty()) return std::unexpected("this machine has no ::1");
  return both;
}

/// Decides whether anonymous clients come in. Where nobody has said so they do only while nobody
/// from outside can, and nobody has to log in.
Outcome judge_access(ListenerDraft& draft, Options& options, bool is_reachable) {
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
  options.is_open_by_default |= !asks_who;
  return {};
}

std::expected<std::vector<ListenerSettings>, std::string> expand(ListenerDraft draft,
                                                                 Options& options,
                                                                 std::uint32_t block) {
  if (Outcome judged = judge_tls(draft); !judged) return std::unexpected(judged.error());
  draft.settings.block = block;
  draft.settings.socket.nodelay = options.nodelay;
  draft.settings.socket.port = draft.port.value_or(1883);
  auto found = sockets(draft);
  if (!found) return refuse(draft, found.error());
  if (Outcome judged = judge_access(draft, options, !std::ranges::all_of(*found, is_local));
      !judged)
    return std::unexpected(judged.error());
  std::vector<ListenerSettings> listeners;
  for (ListenOptions& socket : *found) {
    listeners.push_back(draft.settings);
    listeners.back().socket = std::move(socket);
  }
  return listeners;
}

}  // namespace

bool is_local(const ListenOptions& socket) {
  return !socket.unix_path.empty() || socket.address == "::1" || socket.address.starts_with("127.");
}

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
