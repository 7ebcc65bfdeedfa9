#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/store/sqlite_store.hpp"

/// Changes and stores as the tests of this folder want them, and a text for each change.
namespace mqtt::store::test {

inline const ClockReading kNow{TimePoint(std::chrono::hours(100)),
                               WallTime(std::chrono::hours(490'000))};
/// The same machine after this time and a restart, which begins the monotonic clock anew.
ClockReading after_restart(Duration passed);

MessagePtr message(std::string_view topic, std::string_view payload, TimePoint expires = kNever);
Change session(std::uint64_t number, std::string_view client_id = "client");
Change session(std::uint64_t number, change::SessionRecord record);
Change subscribed(std::uint64_t session, std::string_view filter, Qos qos = Qos::at_least_once);
Change kept(std::uint64_t number, std::string_view topic = "t", std::string_view payload = "p",
            TimePoint expires = kNever);
Change queued(std::uint64_t session, std::uint64_t position, std::uint64_t message);
Change sent(std::uint64_t session, std::uint64_t position, std::uint16_t packet_id,
            OutgoingFlights::Stage stage = OutgoingFlights::Stage::publish_sent);

/// One line that tells everything a change says. Times relative to `now`.
std::string text_of(const Change& change, ClockReading now = kNow);
using Lines = std::vector<std::string>;
Lines lines_of(const std::vector<Change>& changes);
/// What is left of them once coalesced; a merged Sent stands behind its Queued with a '+'.
Lines coalesced(const std::vector<Change>& changes);

std::unique_ptr<SqliteStore> open(const std::string& path, Sync sync = Sync::off);
/// Why the file cannot be opened; empty when it can.
std::string refusal(const std::string& path);
void commit(Store& store, const std::vector<Change>& changes, ClockReading now = kNow);

struct Loaded {
  Lines state;  ///< Bodies, in order of their numbers, behind sessions and subscriptions.
  Lines warnings;
  std::string error;
};
Loaded load(Store& store, ClockReading now = kNow,
            const BacklogLimits& held = {.offline_messages = SIZE_MAX, .offline_bytes = SIZE_MAX});
/// Opens the file anew for that.
Loaded load(const std::string& path, ClockReading now = kNow);

}  // namespace mqtt::store::test
