#include "tools/mq-pub/spool.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/write_all.hpp"
#include "tools/common/json_message.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-pub/message_source.hpp"
#include "tools/mq-pub/whole_payload.hpp"

namespace mq_pub {
namespace {

constexpr std::string_view kEnding = ".json";
/// Where a message is written before it gets its name; under the lock there is only one.
constexpr const char* kDraft = "draft";

std::string name_of(Spool::Id id) { return fmt::format("{:020}{}", id, kEnding); }

std::optional<Spool::Id> id_of(std::string_view name) {
  if (!name.ends_with(kEnding)) return std::nullopt;
  name.remove_suffix(kEnding.size());
  Spool::Id id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  const bool is_number = error == std::errc{} && end == name.data() + name.size();
  return is_number && name.size() == 20 ? std::optional(id) : std::nullopt;
}

std::string error_line(std::string_view name, int error) {
  return fmt::format("--spool: {}: {}", cli::quoted(name),
                     mqtt::net::error_text({error, std::generic_category()}));
}

std::int64_t now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Holds a lock that others hold for moments only.
class Locked {
 public:
  explicit Locked(int lock) : lock_(lock) {
    while (::flock(lock_, LOCK_EX) != 0 && errno == EINTR) continue;
  }
  ~Locked() { ::flock(lock_, LOCK_UN); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  int lock_;
};

}  // namespace

std::expected<Spool, std::string> Spool::open(const std::string& directory,
                                              std::uint64_t maximum_bytes) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return std::unexpected(error_line(directory, errno));
  }
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(error_line(directory, errno));
  Spool spool(directory, descriptor, maximum_bytes);
  if (Outcome opened = spool.open_locks(); !opened) return std::unexpected(opened.error());
  if (Outcome counted = spool.count(); !counted) return std::unexpected(counted.error());
  return spool;
}

Spool::Spool(Spool&& other) noexcept
    : path_(std::move(other.path_)),
      directory_(std::exchange(other.directory_, -1)),
      maximum_bytes_(other.maximum_bytes_),
      add_lock_(std::exchange(other.add_lock_, -1)),
      send_lock_(std::exchange(other.send_lock_, -1)) {}

Spool::~Spool() {
  for (const int descriptor : {add_lock_, send_lock_, directory_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
}

Spool::Outcome Spool::open_locks() {
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC;
  add_lock_ = ::openat(directory_, "lock.add", kFlags, 0600);
  if (add_lock_ >= 0) send_lock_ = ::openat(directory_, "lock.send", kFlags, 0600);
  if (send_lock_ < 0) return std::unexpected(error_line(path_, errno));
  return {};
}

std::expected<Spool::Id, std::string> Spool::add(const mqtt::Publish& message) {
  std::string text;
  cli::append_json_message(text, message, now_ns());
  text += '\n';
  if (text.size() > kLongestPayload) return std::unexpected("--spool: the message is too long");
  const Locked locked(add_lock_);
  const Tally before = read_tally();
  if (before.bytes + text.size() > maximum_bytes_) {
    return std::unexpected(fmt::format("--spool: {} is full ({} bytes, --spool-max {})",
                                       cli::quoted(path_), before.bytes, maximum_bytes_));
  }
  // The time, so that a number is not used again for a message that another run has removed; a
  // clock that was set back does not change the order.
  const Id id = std::max(static_cast<Id>(std::max<std::int64_t>(now_ns(), 1)), before.last + 1);
  // Before the message: killed in between, the number is not given twice.
  if (!write_tally({id, before.bytes + text.size()})) {
    return std::unexpected(error_line(path_, errno));
  }
  auto written = write(id, text);
  if (!written) write_tally(before);
  return written;
}

Spool::Outcome Spool::count() {
  const Locked locked(add_lock_);
  Tally tally;
  for (const Id id : waiting()) {
    tally.last = id;
    tally.bytes += size_of(id);
  }
  if (!write_tally(tally)) return std::unexpected(error_line(path_, errno));
  return {};
}

Spool::Tally Spool::read_tally() const {
  Tally tally;
  if (::pread(add_lock_, &tally, sizeof tally, 0) != sizeof tally) return {};
  return tally;
}

bool Spool::write_tally(const Tally& tally) const {
  return ::pwrite(add_lock_, &tally, sizeof tally, 0) == sizeof tally;
}

std::expected<Spool::Id, std::string> Spool::write(Id id, std::string_view text) {
  const int draft = ::openat(directory_, kDraft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (draft < 0) return std::unexpected(error_line(path_, errno));
  bool is_safe = mqtt::net::write_all(draft, text) && ::fsync(draft) == 0;
  int error = errno;
  ::close(draft);
  const std::string name = name_of(id);
  if (is_safe) {
    // The name lasts once the directory is on the disk, too.
    is_safe =
        ::renameat(directory_, kDraft, directory_, name.c_str()) == 0 && ::fsync(directory_) == 0;
    error = errno;
  }
  if (is_safe) return id;
  ::unlinkat(directory_, kDraft, 0);
  return std::unexpected(error_line(path_, error));
}

bool Spool::claim() { return ::flock(send_lock_, LOCK_EX | LOCK_NB) == 0; }
void Spool::release() { ::flock(send_lock_, LOCK_UN); }

std::vector<Spool::Id> Spool::waiting() const {
  std::vector<Id> ids;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(path_.c_str()), ::closedir);
  if (!listing) return ids;
  while (const dirent* entry = ::readdir(listing.get())) {
    if (const auto id = id_of(entry->d_name)) ids.push_back(*id);
  }
  std::ranges::sort(ids);
  return ids;
}

std::uint64_t Spool::size_of(Id id) const {
  struct stat status {};
  const bool is_there = ::fstatat(directory_, name_of(id).c_str(), &status, 0) == 0;
  return is_there ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::expected<mqtt::Publish, std::string> Spool::read(Id id) const {
  const std::string name = name_of(id);
  const std::string path = path_ + '/' + name;
  const int descriptor = ::openat(directory_, name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(error_line(path, errno));
  const auto text = read_all(descriptor, "--spool: " + cli::quoted(path));
  ::close(descriptor);
  if (!text) return std::unexpected(text.error());
  const auto read = cli::parse_json_message(text->view());
  if (!read || !read->topic) {
    const std::string why = read ? "no topic" : read.error();
    return std::unexpected(fmt::format("--spool: {}: {}", cli::quoted(path), why));
  }
  mqtt::Publish message;
  message.topic = mqtt::Bytes::copy(*read->topic);
  message.payload = mqtt::Bytes::copy(read->payload);
  message.properties = read->properties;
  message.qos = static_cast<mqtt::Qos>(read->qos.value_or(0));
  message.retain = read->retain.value_or(false);
  return message;
}

Spool::Outcome Spool::remove(Id id) {
  const std::string name = name_of(id);
  const Locked locked(add_lock_);
  const std::uint64_t size = size_of(id);
  if (::unlinkat(directory_, name.c_str(), 0) == 0) {
    Tally tally = read_tally();
    tally.bytes -= std::min(tally.bytes, size);
    write_tally(tally);
    return {};
  }
  if (errno == ENOENT) return {};
  return std::unexpected(error_line(path_ + '/' + name, errno));
}

}  // namespace mq_pub
