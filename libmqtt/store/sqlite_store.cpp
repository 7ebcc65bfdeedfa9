#include "libmqtt/store/sqlite_store.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "libmqtt/store/sqlite_loader.hpp"
#include "libmqtt/store/sqlite_row.hpp"

namespace mqtt::store {
namespace {

/// "mqst". Checksums and columns: sqlite_writer.cpp, row.cpp.
constexpr Database::Format kFormat{.application_id = 0x6D71'7374, .version = 2, .schema = R"(
CREATE TABLE session (id INTEGER PRIMARY KEY, checksum INTEGER, record BLOB);
CREATE TABLE subscription (session INTEGER, filter BLOB, checksum INTEGER, options INTEGER,
  identifier INTEGER, PRIMARY KEY (session, filter)) WITHOUT ROWID;
CREATE TABLE message (id INTEGER PRIMARY KEY, checksum INTEGER, expires INTEGER, flags INTEGER,
  topic BLOB, properties BLOB, origin BLOB, payload BLOB);
CREATE TABLE queue (session INTEGER, position INTEGER, checksum INTEGER, sent INTEGER,
  message INTEGER, flags INTEGER, identifier INTEGER, extras BLOB,
  PRIMARY KEY (session, position)) WITHOUT ROWID;
CREATE INDEX queue_by_message ON queue (message);
CREATE TABLE arrival (session INTEGER, packet_id INTEGER, checksum INTEGER,
  PRIMARY KEY (session, packet_id)) WITHOUT ROWID;
CREATE TABLE retained (topic BLOB PRIMARY KEY, checksum INTEGER, message INTEGER) WITHOUT ROWID;
)"};

// Pages of 4 KiB in the log. Checkpoints are rare, so that many commits share one; more so while
// commits are waiting. Together with the largest batch this bounds the log.
constexpr std::int64_t kWorthACheckpoint = 1000;
constexpr std::int64_t kCheckpointAnyway = 8000;

// What is under way already is not part of it. A body that is gone shows in its checksum.
const std::string kBacklog = std::string("SELECT ") + kQueueColumns + ", " + kMessageColumns +
                             " FROM queue LEFT JOIN message ON message.id = queue.message"
                             " WHERE session = ? AND position > ? AND position <= ?"
                             " AND sent IS NULL ORDER BY position";

constexpr std::size_t kCopiedAtOnce = 10'000;

/// A name for the damaged file that keeps none from before from its place.
std::string name_for_damaged(const std::string& path) {
  std::error_code ignored;
  std::string name = path + ".damaged";
  for (int number = 2; std::filesystem::exists(name, ignored); ++number)
    name = path + ".damaged." + std::to_string(number);
  return name;
}

}  // namespace

SqliteStore::SqliteStore(Database database, Sync sync)
    : sync_(sync),
      database_(std::move(database)),
      writer_(std::make_unique<SqliteWriter>(database_)),
      backlog_(database_.prepare(kBacklog.c_str())) {}

std::expected<std::unique_ptr<SqliteStore>, std::string> SqliteStore::open(const std::string& path,
                                                                           Sync sync) {
  auto database = Database::open(path, sync, kFormat);
  if (!database) return std::unexpected(database.error());
  return std::unique_ptr<SqliteStore>(new SqliteStore(*std::move(database), sync));
}

bool SqliteStore::write(std::span<const Change> changes, ClockReading now) {
  for (const Step& step : coalesce(changes))
    if (!writer_->write(step, now)) return false;
  return true;
}

std::string SqliteStore::failure() const {
  if (!database_.is_corrupt()) return database_.failure();
  return database_.path() + ": is damaged; what can be is repaired when the broker starts again";
}

std::expected<void, std::string> SqliteStore::commit(std::span<const Change> changes,
                                                     ClockReading now) {
  if (changes.empty() && leftovers_.empty()) return {};
  const bool is_committed = database_.run("BEGIN IMMEDIATE") && write(leftovers_, now) &&
                            write(changes, now) && database_.run("COMMIT");
  if (!is_committed) {
    std::string failed = failure();
    database_.roll_back();
    // On a full disk the log may begin anew after this, and need no more room.
    database_.checkpoint();
    return std::unexpected(std::move(failed));
  }
  leftovers_.clear();
  return {};
}

std::expected<std::vector<std::string>, std::string> SqliteStore::load(ClockReading now,
                                                                       const BacklogLimits& held,
                                                                       const Replay& replay) {
  std::vector<std::string> warnings;
  const auto is_sound = database_.is_sound();
  if (!is_sound) return std::unexpected(database_.failure());
  if (!*is_sound)
    if (auto rebuilt = rebuild(now, warnings); !rebuilt) return std::unexpected(rebuilt.error());
  SqliteLoader loader(database_, now, &held, replay);
  if (!loader.run()) return std::unexpected(database_.failure());
  std::ranges::copy(loader.warnings(), std::back_inserter(warnings));
  leftovers_ = std::move(loader).leftovers();
  // For tidiness now; where that fails they go with the first commit.
  static_cast<void>(commit({}, now));
  database_.give_room_back();
  return warnings;
}

std::expected<void, std::string> SqliteStore::fill_from(Database& damaged, ClockReading now,
                                                        std::vector<std::string>& warnings) {
  std::vector<Change> changes;
  std::string failure;
  const auto flush = [&] {
    if (auto done = commit(changes, now); !done) failure = done.error();
    tidy(false);
    changes.clear();
  };
  const Replay copy = [&](Change&& change) {
    if (!failure.empty()) return;
    changes.push_back(std::move(change));
    if (changes.size() >= kCopiedAtOnce) flush();
  };
  SqliteLoader loader(damaged, now, nullptr, copy);
  if (!loader.run()) return std::unexpected(damaged.failure());
  warnings = loader.warnings();
  if (failure.empty()) flush();
  if (!failure.empty()) return std::unexpected(std::move(failure));
  return {};
}

std::expected<void, std::string> SqliteStore::rebuild(ClockReading now,
                                                      std::vector<std::string>& warnings) {
  namespace fs = std::filesystem;
  const std::string path = database_.path();
  const std::string fresh = path + ".repaired";
  const std::string kept = name_for_damaged(path);
  std::error_code error;
  fs::remove(fresh, error);
  fs::remove(fresh + "-wal", error);
  {
    auto copy = open(fresh, Sync::full);
    if (!copy) return std::unexpected(copy.error());
    if (auto filled = (*copy)->fill_from(database_, now, warnings); !filled) return filled;
  }
  writer_.reset();
  backlog_ = {};
  database_.close();
  // At no moment without a file of this name, and never the old log beside the new file.
  fs::create_hard_link(path, kept, error);
  if (!error && fs::exists(path + "-wal")) fs::rename(path + "-wal", kept + "-wal", error);
  if (!error) fs::rename(fresh, path, error);
  if (error)
    return std::unexpected(path + ": cannot be replaced by its repaired copy: " + error.message());
  auto database = Database::open(path, sync_, kFormat);
  if (!database) return std::unexpected(database.error());
  database_ = *std::move(database);
  writer_ = std::make_unique<SqliteWriter>(database_);
  backlog_ = database_.prepare(kBacklog.c_str());
  warnings.push_back(path + ": was damaged; what could be read is kept, and the damaged file as " +
                     kept);
  return {};
}

std::expected<BacklogPage, std::string> SqliteStore::fetch(const BacklogRequest& request,
                                                           ClockReading now) {
  BacklogPage page;
  page.request = request;
  std::size_t bytes = 0;
  Statement& rows = backlog_;
  rows.bind_all(request.session, request.after, request.last);
  Statement::Step step = rows.next();
  for (; step == Statement::Step::row; step = rows.next()) {
    const auto read = read_queued(rows);
    auto body =
        read ? read_message(rows, kQueueColumnCount, read->queued.message, now) : std::nullopt;
    page.reaches = rows.number(1);
    if (!body) {
      ++page.damaged;
      continue;
    }
    bytes += body->cost();
    page.waiting.push_back({read->queued, MessagePtr::make(*std::move(body))});
    if (page.waiting.size() >= request.messages || bytes >= request.bytes) break;
  }
  rows.reset();
  if (step == Statement::Step::failed) return std::unexpected(failure());
  if (step == Statement::Step::done) page.reaches = request.last;
  return page;
}

void SqliteStore::tidy(bool is_idle) {
  if (database_.log_pages() >= (is_idle ? kWorthACheckpoint : kCheckpointAnyway))
    database_.checkpoint();
}

}  // namespace mqtt::store
