#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "libmqtt/base/time.hpp"
#include "tools/common/recording.hpp"
#include "tools/mq-pub/input_reader.hpp"
#include "tools/mq-pub/line_splitter.hpp"
#include "tools/mq-pub/message_source.hpp"

namespace mq_pub {

/// The messages of a recording, as far apart as they were received, divided by the speed. When they
/// fall behind, say without a connection, they go out at once until they have caught up. Never
/// holds up the loop for a recording that comes slowly.
class Replay final : public MessageSource {
 public:
  /// Opens the file that the options name; "-" is standard input. A regular file that is no
  /// recording is refused now, what comes by a pipe when it comes. The error is one line.
  static std::expected<std::unique_ptr<Replay>, std::string> open(mqtt::net::Loop& loop,
                                                                  const Options& options);
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;
  ~Replay() override;

  void start(std::function<void()> on_ready) override;
  std::optional<Item> next() override;
  bool is_done() const override { return is_done_; }
  std::uint64_t stop() override;
  std::string failure() const override { return failure_; }

 private:
  Replay(mqtt::net::Loop& loop, int descriptor, std::string name, const Options& options);
  /// The message of a line to current_; an item when there is a problem instead.
  std::optional<Item> read(const LineSplitter::Line& line);
  void end_or_wait();
  void on_chunk(InputReader::Chunk chunk);
  mqtt::TimePoint due(std::int64_t time_ns);

  mqtt::net::Loop& loop_;
  int descriptor_;
  cli::RecordingParser parser_;
  LineSplitter splitter_;
  InputReader reader_;
  double speed_;
  bool is_v5_;
  asio::steady_timer pause_;
  std::function<void()> on_ready_;
  std::optional<cli::RecordedMessage> current_;
  std::optional<std::int64_t> first_ns_;
  mqtt::TimePoint begin_{};  ///< When the first message was given.
  std::uint64_t problems_ = 0;
  bool is_at_end_ = false;  ///< Of the file; the splitter may have lines left.
  bool is_done_ = false;
  std::string failure_;
};

}  // namespace mq_pub
