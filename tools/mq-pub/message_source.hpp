#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/loop.hpp"
#include "tools/mq-pub/input_reader.hpp"
#include "tools/mq-pub/line_splitter.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// The longest payload there is room for in a PUBLISH, topic and all else taken as nothing.
inline constexpr std::size_t kLongestPayload = 268'435'455;

/// Gives the messages to be published, one at a time, when they are there.
class MessageSource {
 public:
  struct Item {
    mqtt::Bytes topic;
    mqtt::Bytes payload;
    std::string problem = {};  ///< Not empty: there is no message here, and this is why.
    /// What the message itself says, in place of the command line.
    std::optional<mqtt::Qos> qos = {};
    std::optional<bool> retain = {};
    std::optional<mqtt::Properties> properties = {};
    std::optional<std::uint64_t> ticket = {};  ///< For ended().
  };
  virtual ~MessageSource() = default;
  /// `on_ready`: next() may have something again after it gave nothing.
  virtual void start(std::function<void()> on_ready) = 0;
  /// The next message; nothing when there is none now.
  virtual std::optional<Item> next() = 0;
  /// next() will never give anything again.
  virtual bool is_done() const = 0;
  /// Everything given so far was delivered.
  virtual void all_delivered() {}
  /// The message with this ticket was delivered, or refused for good.
  virtual void ended(std::uint64_t) {}
  /// Keeps what is not delivered for a later run, and so can be started without a connection.
  virtual bool keeps() const { return false; }
  /// There is no more input to take; what was taken need not have been given yet.
  virtual bool has_all_input() const { return is_done(); }
  /// What a later run will find, for a person; empty when that is nothing.
  virtual std::string kept() const { return {}; }
  /// Gives nothing any more. Returns how many messages had been read, but not given yet.
  virtual std::uint64_t stop() = 0;
  /// Why the input ended before its end; empty when it did not.
  virtual std::string failure() const { return {}; }
};

/// One payload for each topic, `repeat` times, with a pause between a delivery and the next round.
class RepeatedMessage final : public MessageSource {
 public:
  RepeatedMessage(mqtt::net::Loop& loop, const Options& options, mqtt::Bytes payload);
  void start(std::function<void()> on_ready) override;
  std::optional<Item> next() override;
  bool is_done() const override { return rounds_left_ == 0; }
  void all_delivered() override;
  std::uint64_t stop() override;

 private:
  void end_round();

  std::vector<mqtt::Bytes> topics_;
  mqtt::Bytes payload_;
  mqtt::Duration delay_;
  asio::steady_timer pause_;
  std::function<void()> on_ready_;
  std::uint32_t rounds_left_;
  std::size_t next_topic_ = 0;
  bool is_paused_ = false;
};

/// The lines of a descriptor, each for every topic, or each with a topic of its own: in front, or
/// in the JSON object that it is. Reads on only when asked for more than it has.
class Lines final : public MessageSource {
 public:
  Lines(mqtt::net::Loop& loop, int descriptor, const Options& options);
  void start(std::function<void()> on_ready) override;
  std::optional<Item> next() override;
  bool is_done() const override { return is_done_; }
  std::uint64_t stop() override;
  std::string failure() const override { return failure_; }

 private:
  void on_chunk(InputReader::Chunk chunk);
  /// The next line as an item, without a topic unless it brings its own.
  std::optional<Item> next_line();
  Item read_line(const mqtt::Bytes& line) const;
  Item split_topic(const mqtt::Bytes& line) const;
  Item read_object(std::string_view line) const;
  Item problem(std::string_view what) const;
  /// The present line goes to one place only, or nowhere.
  bool is_single() const { return !current_->topic.empty() || !current_->problem.empty(); }

  std::vector<mqtt::Bytes> topics_;
  std::optional<std::string> separator_;
  bool is_json_;
  bool is_v5_;
  bool skip_empty_;
  LineSplitter splitter_;
  InputReader reader_;
  std::function<void()> on_ready_;
  std::optional<Item> current_;  ///< A line that has topics left to go to.
  std::size_t next_topic_ = 0;
  std::uint64_t line_number_ = 0;
  bool is_at_end_ = false;  ///< Of the input; the splitter may have lines left.
  bool is_done_ = false;
  std::string failure_;
};

}  // namespace mq_pub
