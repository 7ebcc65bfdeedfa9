#include "libmqtt/store/sqlite_loader.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "libmqtt/store/checksum.hpp"
#include "libmqtt/store/row.hpp"
#include "libmqtt/store/sqlite_row.hpp"

namespace mqtt::store {

SqliteLoader::SqliteLoader(Database& database, ClockReading now, const BacklogLimits* held,
                           const Store::Replay& replay)
    : database_(database), now_(now), held_(held), replay_(replay) {
  const std::string columns = kMessageColumns;
  body_of_ = database_.prepare(("SELECT " + columns + " FROM message WHERE id = ?").c_str());
}

bool SqliteLoader::run() {
  if (!scan("SELECT id, checksum, record FROM session", "id", &SqliteLoader::take_session) ||
      !scan("SELECT session, filter, checksum, options, identifier FROM subscription",
            "session, filter", &SqliteLoader::take_subscription) ||
      !scan(std::string("SELECT id, ") + kMessageColumns + " FROM message", "id",
            &SqliteLoader::take_message))
    return false;
  sort_messages();
  if (!scan(std::string("SELECT ") + kQueueColumns + " FROM queue", "session, position",
            &SqliteLoader::take_queued))
    return false;
  end_queue();
  if (!scan("SELECT session, packet_id, checksum FROM arrival", "session, packet_id",
            &SqliteLoader::take_arrival) ||
      !scan("SELECT topic, checksum, message FROM retained", "topic", &SqliteLoader::take_retained))
    return false;
  drop_unreferenced();
  return true;
}

/// Out of a sound file they come in order, and each once.
void SqliteLoader::sort_messages() {
  if (std::ranges::is_sorted(messages_, std::ranges::less_equal(), &Known::message)) return;
  std::ranges::sort(messages_, {}, &Known::message);
  const auto repeated = std::ranges::unique(messages_, {}, &Known::message);
  messages_.erase(repeated.begin(), repeated.end());
}

bool SqliteLoader::scan(const std::string& select, const std::string& key, Visit visit) {
  Statement rows = database_.prepare((select + " ORDER BY " + key).c_str());
  std::size_t passed = 0;
  Statement::Step step = rows.next();
  for (; step == Statement::Step::row; step = rows.next(), ++passed) (this->*visit)(rows);
  if (step == Statement::Step::done) return true;
  if (!database_.is_corrupt()) return false;
  has_unreadable_pages_ = true;
  std::string backwards = key;
  if (const auto comma = backwards.find(','); comma != std::string::npos)
    backwards.insert(comma, " DESC");
  return scan_backwards(select + " ORDER BY " + backwards + " DESC", passed, visit);
}

/// What lies behind the first unreadable page is read from the end, down to the last unreadable
/// one. No row is met twice: all pages that lead to the rows passed already can be read.
bool SqliteLoader::scan_backwards(const std::string& sql, std::size_t passed, Visit visit) {
  std::vector<std::vector<Change>> found;
  Statement rows = database_.prepare(sql.c_str());
  Statement::Step step = rows.next();
  for (; step == Statement::Step::row; step = rows.next()) {
    held_back_ = &found.emplace_back();
    (this->*visit)(rows);
  }
  held_back_ = nullptr;
  if (step == Statement::Step::failed && !database_.is_corrupt()) return false;
  if (step == Statement::Step::done) found.resize(found.size() - std::min(passed, found.size()));
  for (auto& changes : std::views::reverse(found))
    for (Change& change : changes) replay_(std::move(change));
  return true;
}

void SqliteLoader::emit(Change&& change) {
  if (held_back_ == nullptr)
    replay_(std::move(change));
  else
    held_back_->push_back(std::move(change));
}

void SqliteLoader::leave_out_damaged(Kind kind, Change&& deletion) {
  ++damaged_[kind];
  leave_out(std::move(deletion));
}

bool SqliteLoader::has_session(std::uint64_t id) {
  if (sessions_.contains(id)) return true;
  if (ended_.insert(id).second) leave_out(change::SessionEnded{id});
  return false;
}

void SqliteLoader::take_session(const Statement& row) {
  const std::uint64_t id = row.number(0);
  const auto bytes = row.blob(2);
  auto record = decode_session(bytes, now_);
  if (row.integer(1) != checksum_of(id, bytes) || !record) {
    ended_.insert(id);
    return leave_out_damaged(session, change::SessionEnded{id});
  }
  const bool has_expired = !record->is_online && record->expires_at <= now_.monotonic;
  if (has_expired && !record->will) {
    ended_.insert(id);
    return leave_out(change::SessionEnded{id});
  }
  sessions_.insert(id);
  emit(change::SessionKept{id, std::make_shared<const change::SessionRecord>(*std::move(record))});
}

void SqliteLoader::take_subscription(const Statement& row) {
  const std::uint64_t id = row.number(0);
  if (!has_session(id)) return;
  const auto filter = row.blob(1);
  const auto options = decode_options(row.integer(3));
  const auto identifier = row.number(4);
  if (!options || row.integer(2) != checksum_of(id, filter, row.integer(3), identifier))
    return leave_out_damaged(subscription, change::Unsubscribed{id, Bytes::copy(filter)});
  emit(change::Subscribed{.session = id,
                          .filter = Bytes::copy(filter),
                          .options = *options,
                          .identifier = static_cast<std::uint32_t>(identifier)});
}

void SqliteLoader::take_message(const Statement& row) {
  const std::uint64_t id = row.number(0);
  const auto body = read_message(row, 1, id, now_);
  if (!body) return leave_out_damaged(message, change::MessageDropped{id});
  messages_.push_back(
      {.message = id,
       .cost = static_cast<std::uint32_t>(std::min<std::size_t>(body->cost(), UINT32_MAX)),
       .has_expired = body->expires <= now_.monotonic});
}

SqliteLoader::Known* SqliteLoader::find(std::uint64_t id) {
  if (hint_ >= messages_.size() || messages_[hint_].message != id)
    hint_ = static_cast<std::size_t>(std::ranges::lower_bound(messages_, id, {}, &Known::message) -
                                     messages_.begin());
  if (hint_ >= messages_.size() || messages_[hint_].message != id) return nullptr;
  return &messages_[hint_++];
}

SqliteLoader::Known* SqliteLoader::refer_to(std::uint64_t id, bool even_if_expired) {
  Known* known = find(id);
  if (known == nullptr || (known->has_expired && !even_if_expired)) return nullptr;
  known->is_referred_to = true;
  return known;
}

bool SqliteLoader::give(Known& known) {
  if (std::exchange(known.is_given, true)) return true;
  body_of_.bind_all(known.message);
  std::optional<Message> body;
  if (body_of_.next() == Statement::Step::row)
    body = read_message(body_of_, 0, known.message, now_);
  body_of_.reset();
  // Not held back: it comes before what refers to it, in whatever order that is read.
  if (body) replay_(change::MessageKept{known.message, MessagePtr::make(*std::move(body))});
  return body.has_value();
}

void SqliteLoader::take_queued(const Statement& row) {
  const std::uint64_t owner = row.number(0);
  if (!has_session(owner)) return;
  if (owner != queue_.session) end_queue();
  queue_.session = owner;
  auto read = read_queued(row);
  const change::Dequeued deletion{owner, row.number(1)};
  if (!read) return leave_out_damaged(delivery, deletion);
  auto& [queued, sent] = *read;
  if (sent && sent->stage == OutgoingFlights::Stage::pubrel_sent) {
    queued.message = 0;
  } else {
    Known* known = refer_to(queued.message, sent.has_value());  // Delivery begun is not stopped.
    if (known != nullptr && !sent && joins_backlog(*known)) {
      queue_.backlog.last = queued.position;
      if (queue_.backlog.messages == 1) queue_.backlog.after = queued.position - 1;
      return;
    }
    if (known == nullptr || !give(*known)) {
      known = find(queued.message);
      if (known == nullptr || !known->has_expired) ++damaged_[delivery];
      return leave_out(deletion);
    }
  }
  emit(std::move(queued));
  if (sent) emit(*sent);
}

/// Whether a message that waits is not to be held; it is counted where it belongs.
bool SqliteLoader::joins_backlog(const Known& known) {
  MessageQueue::Backlog& backlog = queue_.backlog;
  if (held_ == nullptr || has_unreadable_pages_) return false;
  const bool is_held =
      backlog.messages == 0 &&
      (queue_.held == 0 || (queue_.held < held_->offline_messages &&
                            queue_.held_bytes + known.cost <= held_->offline_bytes));
  if (is_held) {
    ++queue_.held;
    queue_.held_bytes += known.cost;
  } else {
    ++backlog.messages;
    backlog.bytes += known.cost;
  }
  return !is_held;
}

void SqliteLoader::end_queue() {
  const Queue queue = std::exchange(queue_, {});
  if (queue.backlog.messages == 0) return;
  emit(change::BacklogLeft{.session = queue.session,
                           .backlog = queue.backlog,
                           .last_message = messages_.back().message});
}

void SqliteLoader::take_arrival(const Statement& row) {
  const change::Arrived arrived{row.number(0), static_cast<std::uint16_t>(row.integer(1))};
  if (!has_session(arrived.session)) return;
  if (row.integer(2) != checksum_of(arrived.session, row.number(1)))
    return leave_out_damaged(arrival, change::Released{arrived.session, arrived.packet_id});
  emit(arrived);
}

void SqliteLoader::take_retained(const Statement& row) {
  const auto topic = row.blob(0);
  const std::uint64_t id = row.number(2);
  if (row.integer(1) != checksum_of(topic, id))
    return leave_out_damaged(retained, change::RetainedErased{Bytes::copy(topic)});
  Known* known = refer_to(id, false);
  if (known != nullptr && give(*known)) return emit(change::RetainedSet{id});
  known = find(id);
  if (known == nullptr || !known->has_expired) ++damaged_[retained];
  leave_out(change::RetainedErased{Bytes::copy(topic)});
}

void SqliteLoader::drop_unreferenced() {
  for (const Known& known : messages_) {
    if (known.is_referred_to) continue;
    if (!known.has_expired) replay_(change::MessageDropped{known.message});
    leave_out(change::MessageDropped{known.message});
  }
}

std::vector<std::string> SqliteLoader::warnings() const {
  static constexpr std::array<std::string_view, 6> kNames{
      "sessions, with their subscriptions and messages",
      "subscriptions",
      "messages",
      "queued deliveries",
      "packet identifiers",
      "retained messages"};
  std::vector<std::string> lines;
  if (has_unreadable_pages_) lines.push_back(database_.path() + ": parts of it cannot be read");
  for (std::size_t kind = 0; kind < kNames.size(); ++kind)
    if (damaged_[kind] > 0)
      lines.push_back(database_.path() + ": damaged and left out: " +
                      std::to_string(damaged_[kind]) + " of the " + std::string(kNames[kind]));
  return lines;
}

}  // namespace mqtt::store
