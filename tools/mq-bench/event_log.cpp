#include "tools/mq-bench/event_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "libmqtt/base/escape.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

constexpr std::array<std::string_view, 6> kNames{"connect",    "reconnect", "disconnect",
                                                 "no_connect", "nack",      "first_loss"};

/// A field in quotation marks (RFC 4180); a spreadsheet must not take it for a formula either.
std::string field(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && std::string_view("=+-@").contains(text.front())) out += '\'';
  for (const char c : mqtt::escaped(text)) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

EventLog::EventLog(std::FILE* file) : file_(file), pending_("t,event,client,reason\n") {}

void EventLog::begin(mqtt::TimePoint now) {
  const std::lock_guard lock(mutex_);
  start_ = second_ = now;
  noted_ = {};
}

void EventLog::note(mqtt::TimePoint now, EventKind kind, std::string_view client,
                    std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (now >= second_ + mqtt::Seconds(1)) {
    append_left_out(now);
    second_ = now;
    noted_ = {};
  }
  const auto index = static_cast<std::size_t>(kind);
  if (noted_[index] >= kMostASecond || lines_ >= kMostInAll) {
    ++left_out_[index];
    return;
  }
  ++noted_[index];
  append(now, kNames[index], client, reason);
}

void EventLog::append(mqtt::TimePoint now, std::string_view kind, std::string_view client,
                      std::string_view reason) {
  ++lines_;
  fmt::format_to(std::back_inserter(pending_), "{:.6f},{},{},{}\n", in_seconds(now - start_), kind,
                 field(client), field(reason));
}

void EventLog::append_left_out(mqtt::TimePoint now) {
  // In a file that is full they add up until its end.
  for (std::size_t i = 0; i < kKinds && lines_ < kMostInAll; ++i) {
    const std::uint64_t count = std::exchange(left_out_[i], 0);
    if (count > 0) append(now, "left_out", "", fmt::format("{} x {}", count, kNames[i]));
  }
}

void EventLog::write_out() {
  std::string text;
  {
    const std::lock_guard lock(mutex_);
    text.swap(pending_);
  }
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) is_written_ = false;
}

bool EventLog::close() {
  const std::uint64_t count = std::accumulate(left_out_.begin(), left_out_.end(), std::uint64_t{0});
  if (count > 0) append(second_, "left_out", "", fmt::format("{} events", count));
  write_out();
  return std::fclose(file_.release()) == 0 && is_written_;
}

}  // namespace mq_bench
