#pragma once

#include <memory>

#include "libmqtt/store/sqlite_writer.hpp"

namespace mqtt::store {

/// A Store in one SQLite file, with its log FILE-wal beside it while it is open. Every row carries
/// a checksum of its content: what damage has changed is found by load() and left out. Where the
/// file itself is out of joint, load() moves what can be into a new file and keeps the old one as
/// FILE.damaged.
class SqliteStore final : public Store {
 public:
  /// The error is one line that names the file. A store that another broker has open is refused.
  static std::expected<std::unique_ptr<SqliteStore>, std::string> open(const std::string& path,
                                                                       Sync sync);

  std::expected<void, std::string> commit(std::span<const Change> changes,
                                          ClockReading now) override;
  std::expected<std::vector<std::string>, std::string> load(ClockReading now,
                                                            const BacklogLimits& held,
                                                            const Replay& replay) override;
  std::expected<BacklogPage, std::string> fetch(const BacklogRequest& request,
                                                ClockReading now) override;
  void tidy(bool is_idle) override;

 private:
  SqliteStore(Database database, Sync sync);
  std::string failure() const;
  bool write(std::span<const Change> changes, ClockReading now);
  std::expected<void, std::string> rebuild(ClockReading now, std::vector<std::string>& warnings);
  std::expected<void, std::string> fill_from(Database& damaged, ClockReading now,
                                             std::vector<std::string>& warnings);

  Sync sync_;
  Database database_;
  std::unique_ptr<SqliteWriter> writer_;  ///< Of database_.
  Statement backlog_;
  /// Deletes the rows that load() left out; goes before the first commit.
  std::vector<Change> leftovers_;
};

}  // namespace mqtt::store
