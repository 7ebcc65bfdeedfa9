#include "tests/store/changes.hpp"

#include <doctest/doctest.h>

#include <map>
#include <ranges>

#include "libmqtt/store/coalesce.hpp"

namespace mqtt::store::test {
namespace {

std::string text(std::uint64_t number) { return std::to_string(number); }
std::string text(const Bytes& bytes) { return "'" + std::string(bytes.view()) + "'"; }
std::string text(Qos qos) { return "q" + std::to_string(static_cast<int>(qos)); }
std::string flag(bool value, std::string_view name) { return value ? " " + std::string(name) : ""; }
std::string properties(const Properties& properties) {
  return properties.empty() ? "" : " +" + text(properties.wire().size());
}
std::string time(std::string_view name, TimePoint at, ClockReading now) {
  if (at == kNever) return "";
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at - now.monotonic);
  return " " + std::string(name) + "=" + std::to_string(left.count()) + "ms";
}

std::string origin(const Publisher* by) {
  if (by == nullptr) return "";
  return " by " + text(by->client_id) + text(by->username) + " in " + text(by->access);
}

struct Teller {
  ClockReading now;

  std::string operator()(const change::SessionKept& c) const {
    const change::SessionRecord& r = *c.record;
    std::string line = "session " + text(c.session) + " " + text(r.client_id) + " v" +
                       text(static_cast<std::uint64_t>(r.version)) + " expiry " +
                       text(r.expiry_interval) + flag(r.is_online, "online") +
                       time("expires", r.expires_at, now) + time("due", r.will_due, now);
    if (!r.username.empty()) line += " user " + r.username;
    if (!r.mount_point.empty()) line += " at " + r.mount_point;
    if (r.access_scope != 0) line += " in " + text(r.access_scope);
    if (r.will)
      line += " will " + text(r.will->topic) + text(r.will->payload) + " " + text(r.will->qos) +
              flag(r.will->retain, "retain") + properties(r.will->properties);
    return line;
  }
  std::string operator()(const change::SessionEnded& c) const { return "end " + text(c.session); }
  std::string operator()(const change::Subscribed& c) const {
    return "subscribed " + text(c.session) + " " + text(c.filter) + " " + text(c.options.qos) +
           flag(c.options.no_local, "nl") + flag(c.options.retain_as_published, "rap") + " rh" +
           text(static_cast<std::uint64_t>(c.options.retain_handling)) + " id " +
           text(c.identifier);
  }
  std::string operator()(const change::Unsubscribed& c) const {
    return "unsubscribed " + text(c.session) + " " + text(c.filter);
  }
  std::string operator()(const change::MessageKept& c) const {
    const Message& m = *c.body;
    return "message " + text(c.message) + " " + text(m.topic) + text(m.payload) + " " +
           text(m.qos) + flag(m.retain, "retain") + time("expires", m.expires, now) +
           properties(m.properties) + origin(m.origin.get());
  }
  std::string operator()(const change::MessageDropped& c) const {
    return "drop " + text(c.message);
  }
  std::string operator()(const change::MessageLetGo& c) const {
    return "let go " + text(c.message);
  }
  std::string operator()(const change::BacklogLeft& c) const {
    return "backlog " + text(c.session) + "/" + text(c.backlog.after) + ".." +
           text(c.backlog.last) + " messages " + text(c.backlog.messages) + " of " +
           text(c.last_message);
  }
  std::string operator()(const change::Queued& c) const {
    std::string line = "queued " + text(c.session) + "/" + text(c.position) + " message " +
                       text(c.message) + " " + text(c.qos) + flag(c.retain, "retain");
    if (c.subscription_identifier != 0) line += " id " + text(c.subscription_identifier);
    if (c.further_identifiers)
      for (const auto identifier : *c.further_identifiers) line += "," + text(identifier);
    return line + (c.share.empty() ? "" : " by " + text(c.share));
  }
  std::string operator()(const change::Sent& c) const {
    return "sent " + text(c.session) + "/" + text(c.position) + " as " + text(c.packet_id) +
           flag(c.stage == OutgoingFlights::Stage::pubrel_sent, "released");
  }
  std::string operator()(const change::Dequeued& c) const {
    return "dequeued " + text(c.session) + "/" + text(c.position);
  }
  std::string operator()(const change::Arrived& c) const {
    return "arrived " + text(c.session) + "/" + text(c.packet_id);
  }
  std::string operator()(const change::Released& c) const {
    return "released " + text(c.session) + "/" + text(c.packet_id);
  }
  std::string operator()(const change::RetainedSet& c) const { return "retain " + text(c.message); }
  std::string operator()(const change::RetainedErased& c) const { return "erase " + text(c.topic); }
};

}  // namespace

ClockReading after_restart(Duration passed) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(passed);
  return {TimePoint(Seconds(1)), kNow.wall + milliseconds};
}

MessagePtr message(std::string_view topic, std::string_view payload, TimePoint expires) {
  Message made;
  made.topic = Bytes::copy(topic);
  made.payload = Bytes::copy(payload);
  made.expires = expires;
  made.qos = Qos::at_least_once;
  return MessagePtr::make(std::move(made));
}

Change session(std::uint64_t number, std::string_view client_id) {
  change::SessionRecord record;
  record.client_id = Bytes::copy(client_id);
  record.expiry_interval = 0xFFFF'FFFF;
  return session(number, std::move(record));
}
Change session(std::uint64_t number, change::SessionRecord record) {
  return change::SessionKept{number,
                             std::make_shared<const change::SessionRecord>(std::move(record))};
}
Change subscribed(std::uint64_t session, std::string_view filter, Qos qos) {
  return change::Subscribed{
      .session = session, .filter = Bytes::copy(filter), .options = {.qos = qos}, .identifier = 0};
}
Change kept(std::uint64_t number, std::string_view topic, std::string_view payload,
            TimePoint expires) {
  return change::MessageKept{number, message(topic, payload, expires)};
}
Change queued(std::uint64_t session, std::uint64_t position, std::uint64_t message) {
  change::Queued made;
  made.session = session;
  made.position = position;
  made.message = message;
  return made;
}
Change sent(std::uint64_t session, std::uint64_t position, std::uint16_t packet_id,
            OutgoingFlights::Stage stage) {
  return change::Sent{session, position, packet_id, stage};
}

std::string text_of(const Change& change, ClockReading now) {
  return std::visit(Teller{now}, change);
}
Lines lines_of(const std::vector<Change>& changes) {
  Lines lines;
  for (const Change& change : changes) lines.push_back(text_of(change));
  return lines;
}
Lines coalesced(const std::vector<Change>& changes) {
  Lines lines;
  for (const Step& step : coalesce(changes)) {
    lines.push_back(text_of(*step.change));
    if (step.sent != nullptr) lines.push_back("+" + text_of(*step.sent));
  }
  return lines;
}

std::unique_ptr<SqliteStore> open(const std::string& path, Sync sync) {
  auto store = SqliteStore::open(path, sync);
  REQUIRE_MESSAGE(store.has_value(), store.error());
  return *std::move(store);
}
std::string refusal(const std::string& path) {
  const auto store = SqliteStore::open(path, Sync::full);
  return store ? "" : store.error();
}
void commit(Store& store, const std::vector<Change>& changes, ClockReading now) {
  const auto done = store.commit(changes, now);
  REQUIRE_MESSAGE(done.has_value(), done.error());
}

Loaded load(Store& store, ClockReading now, const BacklogLimits& held) {
  Loaded loaded;
  std::map<std::uint64_t, std::string> bodies;
  std::size_t place_of_bodies = 0;
  auto warnings = store.load(now, held, [&](Change&& change) {
    if (const auto* kept = std::get_if<change::MessageKept>(&change)) {
      CHECK_MESSAGE(bodies.emplace(kept->message, text_of(change, now)).second, "given twice");
      return;
    }
    if (const auto* place = std::get_if<change::Queued>(&change); place && place->message != 0)
      CHECK_MESSAGE(bodies.contains(place->message), "refers to what has not been given");
    if (const auto* set = std::get_if<change::RetainedSet>(&change))
      CHECK_MESSAGE(bodies.contains(set->message), "refers to what has not been given");
    loaded.state.push_back(text_of(change, now));
    if (change.index() <= 2) place_of_bodies = loaded.state.size();
  });
  for (auto& body : bodies | std::views::values | std::views::reverse)
    loaded.state.insert(loaded.state.begin() + static_cast<std::ptrdiff_t>(place_of_bodies),
                        std::move(body));
  if (warnings)
    loaded.warnings = *std::move(warnings);
  else
    loaded.error = warnings.error();
  return loaded;
}
Loaded load(const std::string& path, ClockReading now) { return load(*open(path), now); }

}  // namespace mqtt::store::test
