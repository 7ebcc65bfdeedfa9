#include "libmqtt/store/sqlite_loader.hpp"

#include <algorithm>
#include <ranges>

#include "libmqtt/store/checksum.hpp"
#include "libmqtt/store/row.hpp"

namespace mqtt::store {

bool SqliteLoader::run() {
  if (!scan("SELECT id, checksum, record FROM session", "id", &SqliteLoader::take_session) ||
      !scan("SELECT session, filter, checksum, options, identifier FROM subscription",
            "session, filter", &SqliteLoader::take_subscription) ||
      !scan("SELECT id, checksum, expires, flags, topic, properties, origin, payload"
            " FROM message",
            "id", &SqliteLoader::take_message))
    return false;
  sort_messages();
  if (!scan("SELECT session, position, checksum, sent, message, flags, identifier, extras"
            " FROM queue",
            "session, position", &SqliteLoader::take_queued) ||
      !scan("SELECT session, packet_id, checksum FROM arrival", "session, packet_id",
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
  const auto topic = row.blob(4), wire = row.blob(5), origin = row.blob(6), payload = row.blob(7);
  const auto flags = decode_flags(row.integer(3));
  if (!flags || row.integer(1) !=
                    checksum_of(id, row.integer(2), row.integer(3), topic, wire, origin, payload))
    return leave_out_damaged(message, change::MessageDropped{id});
  // One block for all: a third of the allocations.
  Bytes all = Bytes::concat({topic, wire, payload});
  Message body;
  body.topic = all.slice(0, topic.size());
  auto properties = Properties::parse(all.slice(topic.size(), wire.size()), PropertyPlace::publish);
  if (!properties || !decode_origin(origin, body))
    return leave_out_damaged(message, change::MessageDropped{id});
  body.properties = *std::move(properties);
  body.payload = std::move(all).slice(topic.size() + wire.size());
  body.expires = from_wall(row.integer(2), now_);
  body.qos = flags->qos;
  body.retain = flags->retain;
  const bool has_expired = body.expires <= now_.monotonic;
  messages_.push_back({.message = id});
  MessagePtr pointer = MessagePtr::make(std::move(body));
  if (has_expired)
    expired_.emplace(id, std::move(pointer));
  else
    emit(change::MessageKept{id, std::move(pointer)});
}

SqliteLoader::Known* SqliteLoader::find(std::uint64_t id) {
  if (hint_ >= messages_.size() || messages_[hint_].message != id)
    hint_ = static_cast<std::size_t>(std::ranges::lower_bound(messages_, id, {}, &Known::message) -
                                     messages_.begin());
  if (hint_ >= messages_.size() || messages_[hint_].message != id) return nullptr;
  return &messages_[hint_++];
}

bool SqliteLoader::refer_to(std::uint64_t id, bool even_if_expired) {
  Known* known = find(id);
  if (known == nullptr) return false;
  if (!expired_.empty()) {
    const auto found = expired_.find(id);
    if (found != expired_.end() && !even_if_expired) return false;
    if (found != expired_.end()) {
      emit(change::MessageKept{id, std::move(found->second)});
      expired_.erase(found);
    }
  }
  known->is_referred_to = true;
  return true;
}

void SqliteLoader::take_queued(const Statement& row) {
  change::Queued queued;
  queued.session = row.number(0);
  queued.position = row.number(1);
  queued.message = row.number(4);
  queued.subscription_identifier = static_cast<std::uint32_t>(row.integer(6));
  if (!has_session(queued.session)) return;
  const change::Dequeued deletion{queued.session, queued.position};
  const auto flags = decode_flags(row.integer(5));
  std::optional<change::Sent> sent;
  if (!row.is_null(3)) sent = decode_sent(row.integer(3), queued);
  const auto extras = row.blob(7);
  const std::int64_t sum = checksum_of(queued.session, queued.position, queued.message,
                                       row.number(6), row.integer(5), extras);
  const bool is_whole = row.integer(2) == sum && flags && sent.has_value() == !row.is_null(3) &&
                        decode_extras(extras, queued);
  if (!is_whole) return leave_out_damaged(delivery, deletion);
  queued.qos = flags->qos;
  queued.retain = flags->retain;
  if (sent && sent->stage == OutgoingFlights::Stage::pubrel_sent) {
    queued.message = 0;
  } else if (!refer_to(queued.message, sent.has_value())) {  // Delivery begun is not stopped.
    if (!expired_.contains(queued.message)) ++damaged_[delivery];
    return leave_out(deletion);
  }
  emit(std::move(queued));
  if (sent) emit(*sent);
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
  if (refer_to(id, false)) return emit(change::RetainedSet{id});
  if (!expired_.contains(id)) ++damaged_[retained];
  leave_out(change::RetainedErased{Bytes::copy(topic)});
}

void SqliteLoader::drop_unreferenced() {
  for (const Known& known : messages_) {
    if (known.is_referred_to) continue;
    if (!expired_.contains(known.message)) replay_(change::MessageDropped{known.message});
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
