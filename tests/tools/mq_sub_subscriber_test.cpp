#include "tools/mq-sub/subscriber.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libmqtt/net/loop.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/temp_dir.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-sub/options.hpp"

using mq_sub::Options;
using support::from_hex;
using support::ScriptedServer;
using Packets = std::vector<std::string>;

namespace {

constexpr std::string_view kConnack = "20 02 00 00";
constexpr std::string_view kResumed = "20 02 01 00";

/// More than the pipe holds.
const std::string kFiller(8000, 'x');

/// The answer to a SUBSCRIBE of 3.1.1 with these return codes.
std::string suback(const std::string& subscribe, std::string_view codes) {
  const std::string body = subscribe.substr(2, 2) + from_hex(codes);
  return "\x90" + std::string(1, static_cast<char>(body.size())) + body;
}

/// The packets that a server was sent and has not answered by itself.
class Heard {
 public:
  void add(const std::string& packet) {
    const std::lock_guard lock(mutex_);
    packets_.push_back(support::to_hex(packet));
    changed_.notify_all();
  }
  /// In order, up to DISCONNECT, which may still be on its way when the client has ended.
  Packets all() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, support::kPatience,
                      [&] { return !packets_.empty() && packets_.back().starts_with("E0"); });
    return packets_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Packets packets_;
};

/// Accepts a connection and answers its SUBSCRIBE with this return code and these bytes.
ScriptedServer::Script subscription(Heard& heard, std::string_view code, std::string messages) {
  return [&heard, code,
          messages = std::move(messages)](const std::string& packet) -> ScriptedServer::Answer {
    if (packet.starts_with('\x10')) return {from_hex(kConnack)};
    if (packet.starts_with('\x82')) return {suback(packet, code) + messages};
    heard.add(packet);
    return {};
  };
}

/// A pipe of one page; its reader begins when it is told to and reads to the end.
class SlowReader {
 public:
  SlowReader() {
    REQUIRE(::pipe(ends_.data()) == 0);
    REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, 4096) >= 0);
    thread_ = std::thread([this] {
      begin_.get_future().wait();
      std::array<char, 4096> chunk;
      for (ssize_t count = 1; count > 0;) {
        count = ::read(ends_[0], chunk.data(), chunk.size());
        if (count > 0) text_.append(chunk.data(), static_cast<std::size_t>(count));
      }
    });
  }
  ~SlowReader() {
    if (thread_.joinable()) text();
    ::close(ends_[0]);
  }
  int output() const { return ends_[1]; }
  void begin() {
    if (!has_begun_.test_and_set()) begin_.set_value();
  }
  /// Everything, once nothing more can come.
  std::string text() {
    begin();
    ::close(ends_[1]);
    thread_.join();
    return text_;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  std::promise<void> begin_;
  std::atomic_flag has_begun_;
  std::string text_;
  std::thread thread_;
};

/// Runs mq-sub in this process, quiet, and gives its exit code.
int run(std::uint16_t port, std::vector<std::string> words, int output) {
  words.insert(words.end(), {"--quiet", "-h", "127.0.0.1", "-p", std::to_string(port)});
  Options options;
  const cli::Tool tool = mq_sub::describe(options);
  const auto parsed = cli::parse(tool, words);
  REQUIRE_MESSAGE(parsed.has_value(), parsed.error());
  mqtt::net::Loop loop;
  return mq_sub::Subscriber(loop, options, tool, output).run();
}

int run(std::uint16_t port, std::vector<std::string> words) {
  SlowReader reader;
  reader.begin();
  return run(port, std::move(words), reader.output());
}

/// A server whose subscriber's pipe is full when a QoS 2 message comes, and which then closes: the
/// message is taken but not written. It comes again on the second connection, and only then does
/// the reader begin. Then come two more, one at a time.
class BreakingServer {
 public:
  explicit BreakingServer(SlowReader& reader)
      : reader_(reader), server_([this](const std::string& packet) { return answer(packet); }) {}

  std::uint16_t port() const { return server_.port(); }
  /// What came on the second connection, CONNECT left out.
  Packets heard() { return heard_.all(); }

 private:
  ScriptedServer::Answer answer(const std::string& packet) {
    const char type = packet.empty() ? '\0' : packet[0];
    if (type == '\x10') return connect();
    if (type == '\x82') {
      const std::string head = from_hex("30 C3 3E 00 01 74");
      return {suback(packet, "02") + head + kFiller + from_hex("34 09 00 01 74 00 05 6F 6E 63 65"),
              true};
    }
    heard_.add(packet);
    if (type == '\x50') return {from_hex("62 02") + packet.substr(2, 2)};
    if (packet != from_hex("70 02 00 05")) return {};
    return {from_hex("34 09 00 01 74 00 06 6C 61 73 74  34 09 00 01 74 00 07 6D 6F 72 65")};
  }

  ScriptedServer::Answer connect() {
    if (++connections_ == 1) return {from_hex(kConnack)};
    reader_.begin();
    return {from_hex(kResumed) + from_hex("3C 09 00 01 74 00 05 6F 6E 63 65")};
  }

  SlowReader& reader_;
  Heard heard_;
  int connections_ = 0;  ///< The server's thread only.
  ScriptedServer server_;
};

}  // namespace

TEST_CASE(
    "a QoS 2 message taken on a connection that broke is printed once, and nothing after -C is "
    "acknowledged") {
  SlowReader reader;
  BreakingServer server(reader);
  CHECK(run(server.port(), {"-t", "t", "-q", "2", "-c", "-i", "me", "-C", "3"}, reader.output()) ==
        0);
  CHECK(reader.text() == kFiller + "\nonce\nlast\n");
  CHECK(server.heard() ==
        Packets{"50 02 00 05", "70 02 00 05", "50 02 00 06", "70 02 00 06", "E0 00"});
}

TEST_CASE("the last message's handshake is seen through although the connection breaks before it") {
  SlowReader reader;
  BreakingServer server(reader);
  CHECK(run(server.port(), {"-t", "t", "-q", "2", "-c", "-i", "me", "-C", "2"}, reader.output()) ==
        0);
  CHECK(reader.text() == kFiller + "\nonce\n");
  CHECK(server.heard() == Packets{"50 02 00 05", "70 02 00 05", "E0 00"});
}

TEST_CASE("a filter that is refused is fatal when it is the only one, or with --strict") {
  ScriptedServer server([](const std::string& packet) -> ScriptedServer::Answer {
    if (packet.starts_with('\x10')) return {from_hex(kConnack)};
    if (!packet.starts_with('\x82')) return {};
    return {suback(packet, packet.find("no2") == std::string::npos ? "00 80" : "80 80")};
  });
  const std::vector<std::string> partly = {"-t", "yes", "-t", "no1", "-E"};
  CHECK(run(server.port(), partly) == 0);
  CHECK(run(server.port(), {"-t", "yes", "-t", "no1", "-E", "--strict"}) == 128);
  CHECK(run(server.port(), {"-t", "no1", "-t", "no2", "-E"}) == 128);
}

TEST_CASE("-E waits for the answers to -t and -U both") {
  std::string suback;  // The server's thread only.
  ScriptedServer server([&](const std::string& packet) -> ScriptedServer::Answer {
    if (packet.starts_with('\x10')) return {from_hex("20 03 00 00 00")};
    if (packet.starts_with('\x82')) {
      suback = from_hex("90 04") + packet.substr(2, 2) + from_hex("00 00");
    } else if (packet.starts_with('\xA2')) {
      return {suback + from_hex("B0 04") + packet.substr(2, 2) + from_hex("00 87")};
    }
    return {};
  });
  CHECK(run(server.port(), {"-V", "5", "-t", "a", "-U", "b", "-E", "--strict"}) == 135);
}

TEST_CASE("-E with -U alone sends no SUBSCRIBE") {
  Heard heard;
  ScriptedServer server([&](const std::string& packet) -> ScriptedServer::Answer {
    if (packet.starts_with('\x10')) return {from_hex(kConnack)};
    heard.add(packet);
    if (packet.starts_with('\xA2')) return {from_hex("B0 02") + packet.substr(2, 2)};
    return {};
  });
  CHECK(run(server.port(), {"-U", "b", "-c", "-i", "me", "-E"}) == 0);
  CHECK(heard.all() == Packets{"A2 05 00 01 00 01 62", "E0 00"});
}

TEST_CASE("-T and -R take messages without printing or counting them") {
  Heard heard;
  ScriptedServer server(subscription(heard, "01",
                                     from_hex("33 06 00 01 61 00 01 31"  // a, retained
                                              "32 06 00 01 62 00 02 32"  // b
                                              "32 06 00 01 63 00 03 33")));
  SlowReader reader;
  CHECK(run(server.port(), {"-t", "+", "-q", "1", "-R", "-T", "b", "-C", "1", "-v"},
            reader.output()) == 0);
  CHECK(reader.text() == "c 3\n");
  CHECK(heard.all() == Packets{"40 02 00 01", "40 02 00 02", "40 02 00 03", "E0 00"});
}

TEST_CASE(
    "what a stalled reader has kept from being written is not acknowledged, even at the end") {
  Heard heard;
  ScriptedServer server(subscription(heard, "01", from_hex("32 C5 3E 00 01 74 00 01") + kFiller));
  SlowReader reader;
  CHECK(run(server.port(), {"-t", "t", "-q", "1", "-W", "0.2"}, reader.output()) == 27);
  CHECK(heard.all() == Packets{"E0 00"});
}

TEST_CASE("a message that cannot be recorded is not acknowledged") {
  std::signal(SIGPIPE, SIG_IGN);
  const support::TempDir directory;
  const std::string fifo = directory.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  Heard heard;
  ScriptedServer server([&](const std::string& packet) -> ScriptedServer::Answer {
    if (packet.starts_with('\x10')) return {from_hex(kConnack)};
    if (packet.starts_with('\x82')) {
      return {suback(packet, "01") + from_hex("32 06 00 01 61 00 01 31")};
    }
    heard.add(packet);
    if (packet != from_hex("40 02 00 01")) return {};
    ::close(reader);
    return {from_hex("32 06 00 01 61 00 02 32")};
  });
  CHECK(run(server.port(), {"-t", "a", "-q", "1", "--record", fifo}) == 1);
  CHECK(heard.all() == Packets{"40 02 00 01", "E0 00"});
}
