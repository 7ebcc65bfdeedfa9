#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libmqtt/session/change.hpp"

namespace mqtt {

// A long queue of a lasting session is not held in memory: its tail lies in the store only, as the
// session's backlog, and comes back page by page when the receiver takes what is before it.

/// How much of a lasting session's queue is held in memory, and how much comes back at once. Bytes
/// are of Message::cost(); one message is always held, and always comes.
struct BacklogLimits {
  std::size_t offline_messages = 64;
  std::size_t offline_bytes = 64 * 1024;
  std::size_t online_bytes = 4 * 1024 * 1024;
  std::size_t page_messages = 1'000;
  std::size_t page_bytes = 1024 * 1024;
  /// The next page is asked for when no more than so many messages are held.
  std::size_t low_mark = 250;
};

/// Asks a store for the front of a backlog: the messages behind the position `after`, up to the
/// position `last`.
struct BacklogRequest {
  std::uint64_t session = 0;  ///< Its number in the journal.
  std::uint64_t after = 0;
  std::uint64_t last = 0;
  std::size_t messages = 0;  ///< Most that are to come.
  std::size_t bytes = 0;     ///< When these are reached, nothing further is to come.
};

/// The answer, in order of position.
struct BacklogPage {
  struct Waiting {
    change::Queued queued;
    MessagePtr body;
  };
  BacklogRequest request;
  std::vector<Waiting> waiting;
  /// Up to here everything has come that there is: the position of the last message of a page that
  /// is full, else what was asked for.
  std::uint64_t reaches = 0;
  std::size_t damaged = 0;  ///< Messages that had to be left out.
};

}  // namespace mqtt
