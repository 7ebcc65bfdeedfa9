#include "libmqtt/net/lookup.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace mqtt::net {
namespace {
std::error_code last_error() { return {errno, asio::error::get_system_category()}; }

std::error_code error_of(int status) {
  switch (status) {
    case 0:
      return {};
    case EAI_AGAIN:
      return asio::error::host_not_found_try_again;
    case EAI_MEMORY:
      return asio::error::no_memory;
    case EAI_SYSTEM:
      return last_error();
    default:
      return asio::error::host_not_found;
  }
}
}  // namespace

/// Shared with the thread, which may outlive everything else; it touches nothing but this.
struct Lookup::Question {
  explicit Question(std::string name) : host(std::move(name)) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question() {
    if (event >= 0) ::close(event);
  }

  void ask() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* results = nullptr;
    error = error_of(::getaddrinfo(host.c_str(), nullptr, &hints, &results));
    for (const addrinfo* one = results; one != nullptr; one = one->ai_next) add(*one);
    if (results != nullptr) ::freeaddrinfo(results);
    if (!error && addresses.empty()) error = asio::error::host_not_found;
    answered.store(true, std::memory_order_release);
    ::eventfd_write(event, 1);
  }

  void add(const addrinfo& result) {
    asio::ip::tcp::endpoint endpoint;
    if (result.ai_family != AF_INET && result.ai_family != AF_INET6) return;
    if (result.ai_addrlen > endpoint.capacity()) return;
    std::memcpy(endpoint.data(), result.ai_addr, result.ai_addrlen);
    addresses.push_back(endpoint.address());
  }

  std::string host;
  int event = ::eventfd(0, EFD_CLOEXEC);
  std::vector<asio::ip::address> addresses;
  std::error_code error;
  std::atomic<bool> answered = false;
};

Awaitable<std::error_code> Lookup::run(std::string host,
                                       std::vector<asio::ip::address>& addresses) {
  std::error_code error;
  if (const auto literal = asio::ip::make_address(host, error); !error) {
    addresses.assign(1, literal);
    co_return error;
  }
  const auto question = std::make_shared<Question>(std::move(host));
  if (question->event < 0) co_return last_error();
  done_.assign(::fcntl(question->event, F_DUPFD_CLOEXEC, 0), error);
  if (error) co_return error;
  try {
    std::thread([question] { question->ask(); }).detach();
  } catch (const std::system_error& failure) {
    co_return failure.code();
  }
  const auto [wait_error] =
      co_await done_.async_wait(asio::posix::stream_descriptor::wait_read, kAwait);
  if (wait_error) co_return wait_error;
  if (!question->answered.load(std::memory_order_acquire)) co_return asio::error::operation_aborted;
  addresses = std::move(question->addresses);
  co_return question->error;
}

void Lookup::cancel() {
  std::error_code ignored;
  done_.close(ignored);
}

}  // namespace mqtt::net
