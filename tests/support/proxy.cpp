#include "tests/support/proxy.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "tests/support/loopback.hpp"

namespace support {

Proxy::Proxy(std::uint16_t target_port)
    : target_port_(target_port),
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
  // One buffer at a time each way: a slow reader slows its writer down, as a network does.
  const auto add = [&](const Descriptor& socket, const Flow& from, const Flow& to) {
    const bool reads = from.buffer.empty() && !from.has_ended;
    const bool writes = !to.buffer.empty();
    const int events = (reads ? POLLIN : 0) | (writes ? POLLOUT : 0);
    result.push_back({events ? socket.number() : -1, static_cast<short>(events), 0});
  };
  for (const auto& link : links_) {
    add(link.client, link.up, link.down);
    add(link.server, link.down, link.up);
  }
  return result;
}

void Proxy::relay() {
  std::unique_lock lock(mutex_);
  while (!stops_) {
    auto ready = polled();
    const auto generation = resets_;
    lock.unlock();
    ::poll(ready.data(), ready.size(), -1);
    lock.lock();
    std::uint64_t wakes = 0;
    if (ready[0].revents != 0 && ::read(wake_.number(), &wakes, sizeof wakes) < 0) continue;
    if (generation != resets_) continue;  // other connections by now, perhaps with the same numbers

    std::size_t index = 2;
    for (auto& link : links_) {
      serve(link, ready[index].revents, ready[index + 1].revents);
      index += 2;
    }
    links_.remove_if([](const Link& link) { return link.up.is_shut && link.down.is_shut; });
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
  links_.push_back({std::move(client), std::move(server), {}, {}});
}

void Proxy::serve(Link& link, short client_events, short server_events) {
  if (client_events & ~POLLOUT) read(link.up, link.client);
  if (server_events & ~POLLOUT) read(link.down, link.server);
  write(link.up, link.server);
  write(link.down, link.client);
}

void Proxy::read(Flow& flow, const Descriptor& from) {
  if (is_reset_due_ || !flow.buffer.empty() || flow.has_ended) return;
  std::array<char, 65536> buffer;
  auto limit = buffer.size();
  if (!milestones_.empty()) limit = std::min<std::uint64_t>(limit, milestones_.front() - bytes_);
  const auto count = ::recv(from.number(), buffer.data(), limit, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    flow.has_ended = true;
    return;
  }
  flow.buffer.assign(buffer.data(), static_cast<std::size_t>(count));
  bytes_ += static_cast<std::uint64_t>(count);
  if (!milestones_.empty() && bytes_ == milestones_.front()) {
    milestones_.erase(milestones_.begin());
    is_reset_due_ = true;
  }
}

void Proxy::write(Flow& flow, const Descriptor& to) {
  if (!flow.buffer.empty()) {
    const auto count = ::send(to.number(), flow.buffer.data(), flow.buffer.size(), MSG_NOSIGNAL);
    if (count > 0) {
      flow.buffer.erase(0, static_cast<std::size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
      flow.buffer.clear();
      flow.has_ended = true;
    }
  }
  if (flow.has_ended && flow.buffer.empty() && !flow.is_shut) {
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
  }
  links_.clear();
}

}  // namespace support
