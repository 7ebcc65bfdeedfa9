#include "libmqtt/server/log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/server/log_destination.hpp"
#include "libmqtt/server/log_quota.hpp"

namespace mqtt::server {
namespace {

TimePoint monotonic_now() { return TimePoint(std::chrono::steady_clock::now().time_since_epoch()); }

struct Outlet {
  std::string name;
  std::unique_ptr<LogDestination> destination;
};

int severity(LogKind kind) {
  constexpr std::array kSeverities = {3, 4, 5, 6, 6, 6, 7};  // RFC 5424 §6.2.1
  return kSeverities[static_cast<std::size_t>(kind)];
}

}  // namespace

struct Log::Outlets {
  std::vector<Outlet> destinations;
  LogQuota quota;
  LogStatistics statistics;
};

Log::Log(const LogSettings& settings) : outlets_(std::make_unique<Outlets>()) {
  configure(settings);
}

Log::~Log() {
  for (const auto& [peer, lines] :
       outlets_->quota.take_suppressed(monotonic_now() + LogQuota::kSummaryAfter))
    write_everywhere(LogKind::warning, {},
                     fmt::format("{} lines about {} were left out", lines, peer));
}

void Log::configure(const LogSettings& settings) {
  settings_ = settings;
  kinds_ = kinds_of(settings);
  reopen();
}

void Log::reopen() {
  auto before = std::exchange(outlets_->destinations, {});
  std::vector<std::string> names = settings_.destinations;
  if (names.empty()) names.emplace_back("stderr");
  std::vector<std::string> failures;
  for (const std::string& name : names) {
    if (name == "none") continue;
    auto opened = LogDestination::open(name);
    if (opened) {
      outlets_->destinations.push_back({name, std::move(*opened)});
      continue;
    }
    failures.push_back(std::move(opened.error()));
    // Better the file that was moved away than none: we may not be root any more.
    const auto old = std::ranges::find(before, name, &Outlet::name);
    if (old != before.end()) outlets_->destinations.push_back(std::move(*old));
  }
  if (failures.empty()) return;
  if (outlets_->destinations.empty())
    outlets_->destinations.push_back({"stderr", std::move(*LogDestination::open("stderr"))});
  for (const std::string& failure : failures) error("{}", escaped(failure));
}

void Log::write_line(LogKind kind, const LogSubject& about, std::string_view event) const {
  if (kind != LogKind::debug && !about.peer.empty() &&
      !outlets_->quota.admit(about.peer, monotonic_now())) {
    ++outlets_->statistics.suppressed;
    return;
  }
  write_everywhere(kind, about, event);
}

LogStatistics Log::statistics() const { return outlets_->statistics; }

void Log::tell_suppressed() const {
  for (const auto& [peer, lines] : outlets_->quota.take_suppressed(monotonic_now()))
    write_everywhere(LogKind::warning, {},
                     fmt::format("{} lines about {} were left out", lines, escaped(peer)));
}

void Log::write_everywhere(LogKind kind, const LogSubject& about, std::string_view event) const {
  for (const auto& [name, destination] : outlets_->destinations) {
    if (const std::uint64_t lost = destination->lost(); lost > 0) {
      const std::string told = fmt::format("{} lines of the log could not be written", lost);
      if (!write_to(*destination, LogKind::warning, {}, told)) continue;
      destination->forgive_lost();
    }
    write_to(*destination, kind, about, event);
  }
}

bool Log::write_to(LogDestination& destination, LogKind kind, const LogSubject& about,
                   std::string_view event) const {
  std::optional<WallTime> when;
  if (settings_.timestamp && !destination.is_syslog()) when = std::chrono::system_clock::now();
  const bool is_taken =
      destination.write(log_line(settings_, kind, about, event, when), severity(kind));
  if (!is_taken) ++outlets_->statistics.lost;
  return is_taken;
}

}  // namespace mqtt::server
