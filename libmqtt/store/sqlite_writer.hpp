#pragma once

#include "libmqtt/store/coalesce.hpp"
#include "libmqtt/store/sqlite_database.hpp"

namespace mqtt::store {

/// Writes changes into the tables, inside the transaction of its caller. Its database must outlive
/// it.
class SqliteWriter {
 public:
  explicit SqliteWriter(Database& database);
  /// False: the database says why.
  bool write(const Step& step, ClockReading now);

 private:
  struct Context {
    const change::Sent* sent = nullptr;
    ClockReading now;
  };
  bool write(const change::SessionKept& change, const Context& context);
  bool write(const change::SessionEnded& change, const Context& context);
  bool write(const change::Subscribed& change, const Context& context);
  bool write(const change::Unsubscribed& change, const Context& context);
  bool write(const change::MessageKept& change, const Context& context);
  bool write(const change::MessageDropped& change, const Context& context);
  bool write(const change::MessageLetGo& change, const Context& context);
  bool write(const change::Queued& change, const Context& context);
  bool write(const change::Sent& change, const Context& context);
  bool write(const change::Dequeued& change, const Context& context);
  /// Says what is there already.
  bool write(const change::BacklogLeft&, const Context&) { return true; }
  bool write(const change::Arrived& change, const Context& context);
  bool write(const change::Released& change, const Context& context);
  bool write(const change::RetainedSet& change, const Context& context);
  bool write(const change::RetainedErased& change, const Context& context);

  Statement keep_session_;
  Statement end_session_;
  Statement end_subscriptions_;
  Statement end_bodies_;
  Statement end_queue_;
  Statement end_arrivals_;
  Statement subscribe_;
  Statement unsubscribe_;
  Statement keep_message_;
  Statement drop_message_;
  Statement let_go_;
  Statement queue_;
  Statement send_;
  Statement dequeue_;
  Statement arrive_;
  Statement release_;
  Statement topic_of_;
  Statement retain_;
  Statement erase_retained_;
};

}  // namespace mqtt::store
