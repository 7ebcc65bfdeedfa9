/// What durability costs. `store_bench [DIRECTORY]` (else the current one): durable messages a
/// second, one queued QoS 1 message each, in batches of 1 to 1000, beside a plain file to which the
/// same bytes are appended, each batch followed by fdatasync; then how long a store takes to load
/// 1,000,000 of them.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "libmqtt/store/sqlite_store.hpp"

namespace {

using namespace mqtt;
using Clock = std::chrono::steady_clock;

const store::ClockReading kNow{TimePoint(Seconds(1'000)), store::WallTime(Seconds(1'000'000'000))};
constexpr auto kLong = std::chrono::seconds(1);
constexpr int kRounds = 5;
const std::string kPayload(100, 'x');

MessagePtr message(std::uint64_t number) {
  Message made;
  made.topic = Bytes::copy("plant/sensor/" + std::to_string(number % 1000));
  made.payload = Bytes::copy(kPayload);
  made.qos = Qos::at_least_once;
  return MessagePtr::make(std::move(made));
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "store_bench: %s\n", what.c_str());
  std::exit(1);
}

std::unique_ptr<store::SqliteStore> open(const std::string& path, store::Sync sync) {
  auto store = store::SqliteStore::open(path, sync);
  if (!store) fail(store.error());
  return *std::move(store);
}

void commit(store::Store& store, std::span<const Change> changes) {
  if (const auto done = store.commit(changes, kNow); !done) fail(done.error());
  store.tidy(false);
}

/// `count` messages for one session; those that came `lag` earlier have been taken meanwhile.
std::vector<Change> batch(std::uint64_t first, std::size_t count, std::uint64_t lag) {
  std::vector<Change> changes;
  for (std::uint64_t number = first; number < first + count; ++number) {
    changes.emplace_back(change::MessageKept{number, message(number)});
    change::Queued queued;
    queued.session = 1;
    queued.position = number;
    queued.message = number;
    changes.emplace_back(std::move(queued));
    if (lag == 0 || number <= lag) continue;
    changes.emplace_back(change::Dequeued{1, number - lag});
    changes.emplace_back(change::MessageDropped{number - lag});
  }
  return changes;
}

double stored_per_second(const std::string& path, store::Sync sync, std::size_t size,
                         std::uint64_t lag) {
  std::filesystem::remove(path);
  const auto store = open(path, sync);
  std::uint64_t next = 1;
  const auto start = Clock::now();
  for (; Clock::now() - start < kLong; next += size) commit(*store, batch(next, size, lag));
  return static_cast<double>(next - 1) / seconds_since(start);
}

double appended_per_second(const std::string& path, std::size_t size) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::string bytes(size * (kPayload.size() + 40), 'x');
  std::size_t messages = 0;
  const auto start = Clock::now();
  for (; Clock::now() - start < kLong; messages += size)
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) fail(path);
  ::close(file);
  return static_cast<double>(messages) / seconds_since(start);
}

void measure_load(const std::string& path) {
  std::filesystem::remove(path);
  {
    const auto store = open(path, store::Sync::off);
    commit(*store, std::vector<Change>{
                       change::SessionKept{1, std::make_shared<const change::SessionRecord>()}});
    const auto start = Clock::now();
    for (std::uint64_t first = 1; first < 1'000'000; first += 1000)
      commit(*store, batch(first, 1000, 0));
    std::printf("write 1,000,000 in batches of 1000, without sync: %.2f s\n", seconds_since(start));
  }
  std::vector<MessagePtr> bodies;
  std::size_t changes = 0;
  const auto start = Clock::now();
  const auto loaded = open(path, store::Sync::full)->load(kNow, {}, [&](Change&& change) {
    ++changes;
    if (auto* kept = std::get_if<change::MessageKept>(&change))
      bodies.push_back(std::move(kept->body));
  });
  if (!loaded) fail(loaded.error());
  std::printf("load: %zu changes in %.2f s from %.0f MB\n", changes, seconds_since(start),
              static_cast<double>(std::filesystem::file_size(path)) / 1e6);
}

/// The median over rounds that take turns: what else the disk is busy with changes from second to
/// second.
std::array<double, 3> rates_of(const std::string& path, std::size_t size) {
  std::array<std::vector<double>, 3> rates;
  for (int round = 0; round < kRounds; ++round) {
    rates[0].push_back(stored_per_second(path, store::Sync::full, size, 0));
    rates[1].push_back(stored_per_second(path, store::Sync::full, size, 2000));
    rates[2].push_back(appended_per_second(path + ".append", size));
  }
  for (auto& each : rates) std::ranges::nth_element(each, each.begin() + kRounds / 2);
  return {rates[0][kRounds / 2], rates[1][kRounds / 2], rates[2][kRounds / 2]};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : ".";
  const std::string path = directory + "/store_bench.store";
  std::printf("messages/s in batches of       queued      passing  append+fdatasync\n");
  for (const std::size_t size : {1U, 10U, 100U, 1000U}) {
    const auto [queued, passing, appended] = rates_of(path, size);
    std::printf("%24zu %12.0f %12.0f %17.0f\n", size, queued, passing, appended);
  }
  measure_load(path);
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".append");
}
