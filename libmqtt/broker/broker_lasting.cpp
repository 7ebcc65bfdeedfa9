#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/codec/topic.hpp"

// What outlives the server: the part of Broker that keeps the journal, and that makes its state
// again from one.

namespace mqtt::broker {
namespace {

change::SessionRecord record_of(const Session& state) {
  return {.client_id = state.client_id,
          .version = state.version,
          .expiry_interval = state.expiry_interval,
          .is_online = state.is_online,
          .expires_at = state.expires_at,
          .will = state.will,
          .will_due = state.will_due,
          .username = state.username,
          .mount_point = state.mount_point,
          .access_scope = state.access};
}

}  // namespace

// The journal.

/// A session with an expiry lasts, and one with a will: after a crash the will is due.
void Broker::keep(Session& state) {
  if (state.journal == nullptr) return;
  const bool lasts = state.expiry_interval > 0 || state.will.has_value();
  if (!lasts && !state.is_lasting()) return;
  if (!lasts) return forget(state);
  if (!state.is_lasting()) begin_to_last(state);
  journal_.session_kept(state.number, record_of(state));
}
