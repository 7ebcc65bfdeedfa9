#include "libmqtt/net/loop.hpp"

#include <cassert>
#include <cerrno>
#include <chrono>

namespace mqtt::net {
namespace {
constexpr std::size_t kReadBuffer = 64 * 1024;
constexpr std::size_t kSpareBuffers = 16;
constexpr std::size_t kSpareCapacity = 256 * 1024;

std::error_code last_error() { return {errno, asio::error::get_system_category()}; }
}  // namespace

Loop::Loop() : epoll_(context_), read_buffer_(kReadBuffer) {
  std::error_code ignored;
  epoll_.assign(epoll_create1(EPOLL_CLOEXEC), ignored);  // Without it watch() reports the error.
  spare_buffers_.reserve(kSpareBuffers);
}

void Loop::run() {
  context_.run();
  context_.restart();
}

TimePoint Loop::now() const {
  return TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

void Loop::mark(Flushable& flushable) {
  if (flushable.marked_) return;
  flushable.marked_ = true;
  flushable.slot_ = static_cast<std::uint32_t>(marked_.size());
  marked_.push_back(&flushable);
  if (in_turn_ || flush_posted_) return;
  flush_posted_ = true;
  asio::post(context_, [this] {
    flush_posted_ = false;
    flush_marked();
  });
}

void Loop::unmark(Flushable& flushable) {
  if (!flushable.marked_) return;
  flushable.marked_ = false;
  const std::size_t slot = flushable.slot_;
  if (slot < flushing_.size() && flushing_[slot] == &flushable) {
    flushing_[slot] = nullptr;
  } else {
    assert(marked_[slot] == &flushable);
    marked_[slot] = nullptr;
  }
}

void Loop::flush_marked() {
  flushing_.swap(marked_);
  for (Flushable*& entry : flushing_) {
    if (entry == nullptr) continue;
    Flushable& flushable = *std::exchange(entry, nullptr);
    flushable.marked_ = false;
    flushable.flush();
  }
  flushing_.clear();
}

std::error_code Loop::watch(int descriptor, Watcher& watcher, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  if (epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, descriptor, &event) != 0)
    return last_error();
  ++watched_;
  arm();
  return {};
}

void Loop::change(int descriptor, Watcher& watcher, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  [[maybe_unused]] const int result =
      epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, descriptor, &event);
  assert(result == 0);
}

void Loop::unwatch(int descriptor, Watcher& watcher) {
  epoll_event event{};
  if (epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, descriptor, &event) != 0) return;
  for (epoll_event& ready : std::span(ready_).first(ready_count_))
    if (ready.data.ptr == &watcher) ready.data.ptr = nullptr;
  // The pending wait would keep run() from returning although nothing can happen any more.
  if (--watched_ == 0 && armed_) {
    std::error_code ignored;
    epoll_.cancel(ignored);
  }
}

void Loop::arm() {
  if (armed_) return;
  armed_ = true;
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    armed_ = false;
    if (!error) turn();
    if (watched_ > 0) arm();
  });
}

void Loop::turn() {
  const int count =
      epoll_wait(epoll_.native_handle(), ready_.data(), static_cast<int>(ready_.size()), 0);
  in_turn_ = true;
  ready_count_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (std::size_t i = 0; i < ready_count_; ++i)
    if (auto* watcher = static_cast<Watcher*>(ready_[i].data.ptr))
      watcher->on_ready(ready_[i].events);
  ready_count_ = 0;
  in_turn_ = false;
  flush_marked();
}

void Loop::lend(Output& output) {
  if (!output.empty() || spare_buffers_.empty()) return;
  std::vector<std::byte> buffer = std::move(spare_buffers_.back());
  spare_buffers_.pop_back();
  output.swap_buffer(buffer);
}

void Loop::reclaim(Output& output) {
  if (!output.empty()) return;
  std::vector<std::byte> buffer;
  output.swap_buffer(buffer);  // Not cleared: its size is room that need not be filled again.
  if (buffer.capacity() == 0 || buffer.capacity() > kSpareCapacity) return;
  if (spare_buffers_.size() < kSpareBuffers) spare_buffers_.push_back(std::move(buffer));
}

}  // namespace mqtt::net
