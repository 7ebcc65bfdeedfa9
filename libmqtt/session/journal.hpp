#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/session/change.hpp"

namespace mqtt {

/// Collects the changes of a broker's lasting state into batches, for a store to commit, and tells
/// which batch an answer has to wait for: an acknowledgement leaves only once everything it rests
/// on is committed. Pure: somebody else carries batches to the store and back (take, committed).
///
/// Only sessions with a number are lasting (SessionState::number); of others nothing is recorded.
/// Numbers of what lies in the journal rise from what restart_at() was told.
class Journal {
 public:
  // What happens.
  std::uint64_t new_session_number() { return ++last_session_; }
  void session_kept(std::uint64_t session, change::SessionRecord record);
  /// After this its messages are let go of one by one, as far as they are held.
  void session_ended(std::uint64_t session, bool has_backlog);
  void let_go(const MessagePtr& message);
  void subscribed(std::uint64_t session, std::string_view filter, const SubscribeOptions& options,
                  std::uint32_t identifier);
  void unsubscribed(std::uint64_t session, std::string_view filter);
  void queued(std::uint64_t session, const Delivery& delivery, Bytes share);
  /// A queued message is held no longer, and lies in the session's backlog only.
  static void put_aside(const MessagePtr& message);
  /// PUBLISH goes out under this packet identifier.
  void sent(std::uint64_t session, std::uint64_t position, std::uint16_t packet_id);
  /// PUBREL goes out: `body` is needed no more.
  void received(std::uint64_t session, std::uint64_t position, std::uint16_t packet_id,
                const MessagePtr& body);
  /// `body` may be empty: received() let go of it.
  void dequeued(std::uint64_t session, std::uint64_t position, const MessagePtr& body);
  void arrived(std::uint64_t session, std::uint16_t packet_id);
  void released(std::uint64_t session, std::uint16_t packet_id);
  /// `previous`: the topic's retained message until now; may be empty.
  void retained_set(const MessagePtr& message, const MessagePtr& previous);
  void retained_erased(const MessagePtr& message);

  // What lasts already, from a store.
  /// The numbers in use go up to these.
  void restart_at(std::uint64_t last_session, std::uint64_t last_message);
  /// A queue or the retained messages refer to a stored message.
  static void refer_again(const MessagePtr& message, std::uint64_t number);

  // Batches, numbered from 1.
  bool has_open_changes() const { return !changes_.empty(); }
  /// Closes the open batch: its number and its changes.
  std::pair<std::uint64_t, std::vector<Change>> take();
  /// All batches up to this one are on disk.
  void committed(std::uint64_t batch) { committed_ = batch; }

  /// The batch that the latest change of all is in; 0 when everything is committed.
  std::uint64_t ticket() const {
    const std::uint64_t latest = latest_batch();
    return latest > committed_ ? latest : 0;
  }
  /// The batch that the latest change of all is in, committed or not.
  std::uint64_t latest_batch() const { return changes_.empty() ? closed_ : closed_ + 1; }
  bool is_committed(std::uint64_t ticket) const { return ticket <= committed_; }
  /// Changes recorded in all: unequal before and after, something was recorded between.
  std::uint64_t count() const { return count_; }

 private:
  template <class What>
  void record(What&& what) {
    changes_.emplace_back(std::forward<What>(what));
    ++count_;
  }
  std::uint64_t refer(const MessagePtr& message);

  std::vector<Change> changes_;
  std::uint64_t count_ = 0;
  std::uint64_t closed_ = 0;
  std::uint64_t committed_ = 0;
  std::uint64_t last_session_ = 0;
  std::uint64_t last_message_ = 0;
};

}  // namespace mqtt
