#pragma once

#include <array>
#include <unordered_set>

#include "libmqtt/store/sqlite_database.hpp"

namespace mqtt::store {

/// Reads a database once, from beginning to end, as Store::load() describes: all of it is checked;
/// a body is given where something refers to it that is given. What it gives out of a file that is
/// not sound may be out of order, or twice.
class SqliteLoader {
 public:
  /// `held`: of the messages that wait for a session; nullptr: all of them.
  SqliteLoader(Database& database, ClockReading now, const BacklogLimits* held,
               const Store::Replay& replay);

  /// False: the database says why. Pages that cannot be read are passed over.
  bool run();
  /// Deletes the rows that were left out.
  std::vector<Change> leftovers() && { return std::move(leftovers_); }
  /// What was damaged, a line for each kind of thing.
  std::vector<std::string> warnings() const;

 private:
  enum Kind : std::uint8_t { session, subscription, message, delivery, arrival, retained };
  struct Known {
    std::uint64_t message = 0;
    std::uint32_t cost = 0;  ///< As Message::cost() has it; UINT32_MAX for what is larger.
    bool has_expired = false;
    bool is_referred_to = false;
    bool is_given = false;
  };
  /// The queue that is being read.
  struct Queue {
    std::uint64_t session = 0;
    std::size_t held = 0;  ///< Messages that wait.
    std::size_t held_bytes = 0;
    MessageQueue::Backlog backlog;
  };
  using Visit = void (SqliteLoader::*)(const Statement& row);

  bool scan(const std::string& select, const std::string& key, Visit visit);
  bool scan_backwards(const std::string& sql, std::size_t passed, Visit visit);

  void take_session(const Statement& row);
  void take_subscription(const Statement& row);
  void take_message(const Statement& row);
  void take_queued(const Statement& row);
  void take_arrival(const Statement& row);
  void take_retained(const Statement& row);
  void sort_messages();
  void drop_unreferenced();

  /// Whether what this row holds belongs to a session that goes on.
  bool has_session(std::uint64_t id);
  /// The message, where it can be referred to from now on.
  Known* refer_to(std::uint64_t id, bool even_if_expired);
  /// Gives its body, for once.
  bool give(Known& known);
  Known* find(std::uint64_t id);
  bool joins_backlog(const Known& known);
  void end_queue();
  void emit(Change&& change);
  void leave_out(Change&& deletion) { leftovers_.push_back(std::move(deletion)); }
  void leave_out_damaged(Kind kind, Change&& deletion);

  Database& database_;
  ClockReading now_;
  const BacklogLimits* held_;
  const Store::Replay& replay_;
  Statement body_of_;
  std::vector<Change>* held_back_ = nullptr;  ///< Takes what is emitted, while reading backwards.
  bool has_unreadable_pages_ = false;
  std::vector<Change> leftovers_;
  std::array<std::size_t, 6> damaged_{};

  std::unordered_set<std::uint64_t> sessions_;
  std::unordered_set<std::uint64_t> ended_;
  std::vector<Known> messages_;  ///< Rising.
  std::size_t hint_ = 0;         ///< Where the next message that is looked for is likely to be.
  Queue queue_;
};

}  // namespace mqtt::store
