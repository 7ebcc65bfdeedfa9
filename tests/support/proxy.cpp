#include "tests/support/proxy.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

#include "tests/support/loopback.hpp"

namespace support {
namespace {

mqtt::TimePoint now() {
  return mqtt::TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

void wait(std::vector<pollfd>& polled, mqtt::TimePoint limit) {
  if (limit == mqtt::kNever) {
    ::poll(polled.data(), polled.size(), -1);
    return;
  }
  const auto rest = std::max(limit - now(), mqtt::Duration());
  const auto seconds = std::chrono::floor<mqtt::Seconds>(rest);
  const timespec patience{seconds.count(), (rest - seconds).count()};
  ::ppoll(polled.data(), polled.size(), &patience, nullptr);
}

}  // namespace

Proxy::Proxy(std::uint16_t target_port, Interference* interference)
    : target_port_(target_port),
      interference_(interference),
      listener_(listen_loopback()),
      port_(local_port(listener_)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { relay(); }) {}

Proxy::~Proxy() {
  {
    const std::scoped_lock lock(mutex_);
    stops_ = true;
    wake();
  }
  thread_.join();
}

void Proxy::reset_all() {
  const std::scoped_lock lock(mutex_);
  reset_links();
  wake();
}

void Proxy::reset_at(std::vector<std::uint64_t> milestones) {
  const std::scoped_lock lock(mutex_);
  milestones_ = std::move(milestones);
}

std::uint64_t Proxy::bytes() const {
  const std::scoped_lock lock(mutex_);
  return bytes_;
}

unsigned Proxy::resets() const {
  const std::scoped_lock lock(mutex_);
  return resets_;
}

void Proxy::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.number(), &one, sizeof one);
}

// The order is: wake, listener, then client and server of each link.
std::vector<pollfd> Proxy::polled() const {
  std::vector<pollfd> result{{wake_.number(), POLLIN, 0}, {listener_.number(), POLLIN, 0}};
  const auto add = [&](const Link& link, const Descriptor& socket, Way from) {
    const bool writes = !(from == Way::up ? link.down : link.up).buffer.empty();
    const int events = (reads(link, from) ? POLLIN : 0) | (writes ? POLLOUT : 0);
    result.push_back({events ? socket.number() : -1, static_cast<short>(events), 0});
  };
  for (const auto& link : links_) {
    add(link, link.client, Way::up);
    add(link, link.server, Way::down);
  }
  return result;
}

// One buffer at a time each way: a slow reader slows its writer down, as a network does.
bool Proxy::reads(const Link& link, Way way) const {
  const Flow& flow = way == Way::up ? link.up : link.down;
  if (flow.has_ended || link.is_cut) return !flow.has_ended;
  if (interference_ != nullptr) return !interference_->is_full(link.number, way);
  return flow.buffer.empty();
}

// What waits for its turn behind a jam is the business of POLLOUT.
mqtt::TimePoint Proxy::deadline() const {
  auto first = mqtt::kNever;
  if (interference_ == nullptr) return first;
  for (const auto& link : links_) {
    if (link.is_cut) continue;
    if (link.up.buffer.empty())
      first = std::min(first, interference_->deadline(link.number, Way::up));
    if (link.down.buffer.empty())
      first = std::min(first, interference_->deadline(link.number, Way::down));
  }
  return first;
}

void Proxy::relay() {
  std::unique_lock lock(mutex_);
  while (!stops_) {
    auto ready = polled();
    const auto generation = resets_;
    const auto limit = deadline();
    lock.unlock();
    wait(ready, limit);
    lock.lock();
    std::uint64_t wakes = 0;
    if (ready[0].revents != 0 && ::read(wake_.number(), &wakes, sizeof wakes) < 0) continue;
    if (generation != resets_) continue;  // other connections by now, perhaps with the same numbers

    std::size_t index = 2;
    for (auto& link : links_) {
      serve(link, ready[index].revents, ready[index + 1].revents);
      index += 2;
    }
    links_.remove_if([this](const Link& link) {
      const bool is_over = !link.client.is_open() || (link.up.is_shut && link.down.is_shut &&
                                                      link.up.has_ended && link.down.has_ended);
      if (is_over && interference_ != nullptr) interference_->closed(link.number);
      return is_over;
    });
    if (is_reset_due_) reset_links();
    if (ready[1].revents != 0) accept_one();
  }
}

void Proxy::accept_one() {
  Descriptor client(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!client.is_open()) return;
  auto server = connect_loopback(target_port_);
  if (!server.is_open()) return reset(client);
  ::fcntl(server.number(), F_SETFL, O_NONBLOCK);
  links_.push_back({++accepted_, std::move(client), std::move(server), {}, {}});
}

void Proxy::serve(Link& link, short client_events, short server_events) {
  if (client_events & ~POLLOUT) read(link, Way::up);
  if (server_events & ~POLLOUT) read(link, Way::down);
  for (const Way way : {Way::up, Way::down}) {
    if (link.client.is_open()) write(link, way);
    if (interference_ != nullptr && !link.is_cut) release(link, way);
  }
}

void Proxy::read(Link& link, Way way) {
  if (is_reset_due_ || !reads(link, way)) return;
  std::array<char, 65536> buffer;
  auto limit = buffer.size();
  if (!milestones_.empty()) limit = std::min<std::uint64_t>(limit, milestones_.front() - bytes_);
  const Descriptor& from = way == Way::up ? link.client : link.server;
  const auto count = ::recv(from.number(), buffer.data(), limit, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    flow(link, way).has_ended = true;
    return;
  }
  if (link.is_cut) return;
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  if (interference_ != nullptr) {
    interference_->arrived(link.number, way, bytes, now());
  } else {
    flow(link, way).buffer.assign(bytes);
  }
  bytes_ += bytes.size();
  if (!milestones_.empty() && bytes_ == milestones_.front()) {
    milestones_.erase(milestones_.begin());
    is_reset_due_ = true;
  }
}

void Proxy::release(Link& link, Way way) {
  if (!flow(link, way).buffer.empty()) return;
  auto [bytes, cut] = interference_->release(link.number, way, now());
  flow(link, way).buffer = std::move(bytes);
  link.is_cut = cut != Interference::Cut::none;
  write(link, way);
  if (cut != Interference::Cut::reset) return;
  reset(link.client);
  reset(link.server);
}

void Proxy::write(Link& link, Way way) {
  Flow& flow = Proxy::flow(link, way);
  const Descriptor& to = way == Way::up ? link.server : link.client;
  if (!flow.buffer.empty()) {
    const auto count = ::send(to.number(), flow.buffer.data(), flow.buffer.size(), MSG_NOSIGNAL);
    if (count > 0) {
      flow.buffer.erase(0, static_cast<std::size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      flow.buffer.clear();
      flow.has_ended = true;
    }
  }
  if (!flow.buffer.empty() || flow.is_shut) return;
  const bool is_held_back = interference_ != nullptr && !interference_->is_empty(link.number, way);
  if (link.is_cut || (flow.has_ended && !is_held_back)) {
    ::shutdown(to.number(), SHUT_WR);
    flow.is_shut = true;
  }
}

void Proxy::reset_links() {
  is_reset_due_ = false;
  ++resets_;
  for (auto& link : links_) {
    reset(link.client);
    reset(link.server);
    if (interference_ != nullptr) interference_->closed(link.number);
  }
  links_.clear();
}

}  // namespace support
