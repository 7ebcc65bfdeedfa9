#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/codec/packet.hpp"

namespace mq_pub {

/// A directory of messages that wait for a broker, each in a file of its own that is there whole or
/// not at all. Any number of processes may add at the same time; one of them sends. What add() has
/// confirmed outlives a power cut; file names are numbers that grow, and with them goes the order.
/// A tally beside them, taken anew by each open(), spares add() a look at all of them.
/// Errors are one line that names the directory or the file.
class Spool {
 public:
  using Id = std::uint64_t;
  using Outcome = std::expected<void, std::string>;

  /// Makes the directory if there is none; only its owner may look into it.
  static std::expected<Spool, std::string> open(const std::string& directory,
                                                std::uint64_t maximum_bytes);
  Spool(Spool&& other) noexcept;
  Spool& operator=(Spool&&) = delete;
  ~Spool();

  /// Keeps a message behind all the others; refuses when it would not fit into maximum_bytes.
  std::expected<Id, std::string> add(const mqtt::Publish& message);
  /// Becomes the one that sends, until release(); false when somebody else is.
  bool claim();
  void release();
  /// What waits, oldest first.
  std::vector<Id> waiting() const;
  std::expected<mqtt::Publish, std::string> read(Id id) const;
  /// The message has come to its end.
  Outcome remove(Id id);

  const std::string& directory() const { return path_; }

 private:
  Spool(std::string path, int directory, std::uint64_t maximum_bytes)
      : path_(std::move(path)), directory_(directory), maximum_bytes_(maximum_bytes) {}
  /// What add() has to know of the messages that wait; kept in the file of the lock for adding,
  /// under that lock.
  struct Tally {
    Id last = 0;
    std::uint64_t bytes = 0;
  };
  Outcome open_locks();
  Outcome count();
  Tally read_tally() const;
  bool write_tally(const Tally& tally) const;
  std::expected<Id, std::string> write(Id id, std::string_view text);
  std::uint64_t size_of(Id id) const;

  std::string path_;
  int directory_;
  std::uint64_t maximum_bytes_;
  int add_lock_ = -1;
  int send_lock_ = -1;
};

}  // namespace mq_pub
