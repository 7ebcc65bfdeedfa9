#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "libmqtt/store/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace mqtt::store {

/// One prepared statement. Blobs are bound without a copy: they have to live until run() returns,
/// or until the last next(). Must go before its database does.
class Statement {
 public:
  enum class Step : std::uint8_t { row, done, failed };

  Statement() = default;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Statement();

  /// Binds the parameters, in order, and runs it to its end. False: Database::failure() says why.
  template <class... Values>
  bool run(const Values&... values) {
    bind_all(values...);
    Step step = next();
    while (step == Step::row) step = next();
    reset();
    return step == Step::done;
  }
  template <class... Values>
  void bind_all(const Values&... values) {
    int at = 0;
    (bind(++at, values), ...);
  }
  Step next();
  void reset();

  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  bool is_null(int column) const;
  /// Valid until the next step.
  std::span<const std::byte> blob(int column) const;

 private:
  void bind(int at, std::int64_t value);
  template <std::unsigned_integral Number>
  void bind(int at, Number value) {
    bind(at, static_cast<std::int64_t>(value));
  }
  void bind(int at, std::span<const std::byte> value);
  void bind(int at, std::nullptr_t);

  sqlite3_stmt* handle_ = nullptr;
};

/// A database file that this process alone has open, in WAL mode: the only place that knows the
/// SQLite library. Blocks; one thread at a time.
class Database {
 public:
  /// What marks a file as ours.
  struct Format {
    std::uint32_t application_id = 0;
    std::uint32_t version = 0;
    const char* schema = "";
  };

  /// Opens the file, or makes it (mode 0600). The error is one line that names it: not to be opened
  /// or written, in use, no database, somebody else's, of a later version.
  static std::expected<Database, std::string> open(const std::string& path, Sync sync,
                                                   const Format& format);

  Database(Database&& other) noexcept
      : path_(std::move(other.path_)),
        handle_(std::exchange(other.handle_, nullptr)),
        log_pages_(std::move(other.log_pages_)) {}
  Database& operator=(Database&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(handle_, other.handle_);
    std::swap(log_pages_, other.log_pages_);
    return *this;
  }
  ~Database() { close(); }
  void close();

  const std::string& path() const { return path_; }
  Statement prepare(const char* sql);
  bool run(const char* sql);
  void roll_back();
  /// A line about what failed last.
  std::string failure() const;
  bool is_corrupt() const;
  /// Moves what the log holds into the database, as far as that works, so that the log begins anew.
  void checkpoint();
  /// Whether the file's pages hang together: every one is used once, and in order. Reads all of the
  /// file. Nothing: it cannot be read.
  std::optional<bool> is_sound();
  /// Makes the file smaller where that is worth it: a little content in a large file.
  void give_room_back();
  /// Pages in the log that have not been moved yet.
  std::int64_t log_pages() const { return *log_pages_; }

 private:
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  std::expected<void, std::string> prepare_file(Sync sync, const Format& format);
  std::expected<void, std::string> check_format(const Format& format);
  std::optional<std::int64_t> number(const char* sql);

  std::string path_;
  sqlite3* handle_ = nullptr;
  /// SQLite keeps a pointer to it.
  std::unique_ptr<std::int64_t> log_pages_ = std::make_unique<std::int64_t>(0);
};

}  // namespace mqtt::store
