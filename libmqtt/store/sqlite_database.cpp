#include "libmqtt/store/sqlite_database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

namespace mqtt::store {
namespace {

std::string errno_text(int code) { return std::generic_category().message(code); }

/// As SQLite is to be told: "file:x" and ":memory:" would mean something else to it than a file.
std::string file_name(const std::string& path) {
  return path.starts_with('/') ? path : "./" + path;
}

/// A new file's place in its directory lasts only once the directory is on disk.
void sync_directory(const std::string& path) {
  const std::string directory = std::filesystem::path(file_name(path)).parent_path();
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

/// Makes the file if there is none, and looks at it without opening it: closing any descriptor of
/// a file that this process has locked would give up the lock.
std::expected<void, std::string> ensure_file(const std::string& path) {
  const auto refuse = [&](const std::string& why) { return std::unexpected(path + ": " + why); };
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
    sync_directory(path);
    return {};
  }
  if (errno != EEXIST) return refuse("cannot be created: " + errno_text(errno));
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return refuse(errno_text(errno));
  if (!S_ISREG(status.st_mode))
    return refuse(S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file");
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0)
    return refuse("cannot be written: " + errno_text(errno));
  return {};
}

const char* synchronous(Sync sync) {
  switch (sync) {
    case Sync::off:
      return "PRAGMA synchronous = OFF";
    case Sync::normal:
      return "PRAGMA synchronous = NORMAL";
    case Sync::full:
      break;
  }
  return "PRAGMA synchronous = FULL";
}

int count_pages(void* pages, sqlite3*, const char*, int in_log) {
  *static_cast<std::int64_t*>(pages) = in_log;
  return SQLITE_OK;
}

}  // namespace

Statement::~Statement() { sqlite3_finalize(handle_); }

Statement::Step Statement::next() {
  switch (sqlite3_step(handle_)) {
    case SQLITE_ROW:
      return Step::row;
    case SQLITE_DONE:
      return Step::done;
    default:
      return Step::failed;
  }
}

void Statement::reset() { sqlite3_reset(handle_); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::span<const std::byte> Statement::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
  const int size = sqlite3_column_bytes(handle_, column);
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(size)};
}

void Statement::bind(int at, std::int64_t value) { sqlite3_bind_int64(handle_, at, value); }

void Statement::bind(int at, std::span<const std::byte> value) {
  sqlite3_bind_blob64(handle_, at, value.data(), value.size(), SQLITE_STATIC);
}

void Statement::bind(int at, std::nullptr_t) { sqlite3_bind_null(handle_, at); }

std::expected<Database, std::string> Database::open(const std::string& path, Sync sync,
                                                    const Format& format) {
  if (auto file = ensure_file(path); !file) return std::unexpected(file.error());
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(file_name(path).c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(path, handle);
  if (result != SQLITE_OK) return std::unexpected(database.failure());
  if (auto ready = database.prepare_file(sync, format); !ready)
    return std::unexpected(ready.error());
  return database;
}

void Database::close() { sqlite3_close(std::exchange(handle_, nullptr)); }

std::expected<void, std::string> Database::prepare_file(Sync sync, const Format& format) {
  // Before the first access: then the log's index is kept in memory instead of a third file, and
  // the lock is held for as long as the process lives. It ends with the process, however that ends.
  if (!run("PRAGMA locking_mode = EXCLUSIVE") || !run(synchronous(sync)))
    return std::unexpected(failure());
  if (auto known = check_format(format); !known) return known;
  ::chmod(path_.c_str(), 0600);  // Before the log is made: that takes over the file's mode.
  sqlite3_wal_hook(handle_, count_pages, log_pages_.get());
  // Without secure_delete: Debian's SQLite overwrites what is deleted, and reads it for that.
  const bool is_ready = run("PRAGMA journal_mode = WAL") && run("PRAGMA cache_size = -16384") &&
                        run("PRAGMA secure_delete = OFF") && run("PRAGMA cell_size_check = ON") &&
                        run("PRAGMA journal_size_limit = 67108864");
  if (!is_ready) return std::unexpected(failure());
  return {};
}

std::expected<void, std::string> Database::check_format(const Format& format) {
  if (!run("BEGIN EXCLUSIVE")) return std::unexpected(failure());
  const auto id = number("PRAGMA application_id");
  const auto version = number("PRAGMA user_version");
  const auto tables = number("SELECT count(*) FROM sqlite_master");
  if (!id || !version || !tables) return std::unexpected(failure());
  if (*id == 0 && *version == 0 && *tables == 0) {
    const std::string marks = "PRAGMA application_id = " + std::to_string(format.application_id) +
                              "; PRAGMA user_version = " + std::to_string(format.version);
    if (!run(format.schema) || !run(marks.c_str())) return std::unexpected(failure());
  } else if (*id != format.application_id) {
    return std::unexpected(path_ + ": is another program's database, not a store");
  } else if (*version != format.version) {
    return std::unexpected(path_ + ": was written by another version of this program (format " +
                           std::to_string(*version) + "; this one reads format " +
                           std::to_string(format.version) + ")");
  }
  if (!run("COMMIT")) return std::unexpected(failure());
  return {};
}

Statement Database::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  return Statement(statement);
}

bool Database::run(const char* sql) {
  errno = 0;  // For failure(): SQLite forgets why a COMMIT could not write.
  return sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::optional<std::int64_t> Database::number(const char* sql) {
  Statement statement = prepare(sql);
  if (statement.next() != Statement::Step::row) return std::nullopt;
  return statement.integer(0);
}

void Database::roll_back() {
  if (sqlite3_get_autocommit(handle_) == 0) run("ROLLBACK");
}

bool Database::is_corrupt() const { return (sqlite3_errcode(handle_) & 0xFF) == SQLITE_CORRUPT; }

std::string Database::failure() const {
  const int system = errno != 0 ? errno : sqlite3_system_errno(handle_);
  switch (sqlite3_errcode(handle_) & 0xFF) {
    case SQLITE_FULL:
      return path_ + ": " + errno_text(ENOSPC);
    case SQLITE_BUSY:
      return path_ + ": in use by another broker";
    case SQLITE_CORRUPT:
      return path_ + ": is damaged beyond repair; move it away to begin with an empty one";
    case SQLITE_NOTADB:
      return path_ + ": is not a store: no SQLite database";
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (system != 0) return path_ + ": " + errno_text(system);
      [[fallthrough]];
    default:
      return path_ + ": " + sqlite3_errmsg(handle_);
  }
}

void Database::checkpoint() {
  // The only connection there is: a passive checkpoint has nobody to wait for.
  if (sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) ==
      SQLITE_OK)
    *log_pages_ = 0;
}

std::optional<bool> Database::is_sound() {
  Statement check = prepare("PRAGMA quick_check(1)");
  if (check.next() == Statement::Step::row) return as_text(check.blob(0)) == "ok";
  if (is_corrupt()) return false;
  return std::nullopt;
}

void Database::give_room_back() {
  constexpr std::int64_t kWorthIt = 16'384;  // Pages: 64 MiB.
  const auto pages = number("PRAGMA page_count");
  const auto unused = number("PRAGMA freelist_count");
  if (!pages || !unused || *unused < kWorthIt || *unused < *pages / 4 * 3) return;
  // Both want room of their own for a while; where there is none the file stays as it is.
  if (run("VACUUM")) checkpoint();
}

}  // namespace mqtt::store
