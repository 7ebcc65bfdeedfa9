#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/codec/property.hpp"
#include "tools/mq-bench/payload.hpp"
#include "tools/mq-bench/payload_template.hpp"

namespace mq_bench {

/// How many bytes a payload has: so many, or a number by chance from a range.
struct SizeRange {
  std::uint64_t least = 128;
  std::uint64_t most = 128;
  friend bool operator==(const SizeRange&, const SizeRange&) = default;
};

/// What the user says about payloads.
struct PayloadWish {
  std::optional<SizeRange> size = {};
  std::optional<std::string> message = {};  ///< The word of -m.
  std::optional<HeaderForm> header = {};
  bool has_properties = false;  ///< MQTT 5.0.
  std::uint64_t seed = 1;
  mqtt::Properties properties = {};  ///< That go with every message.
};

/// What all messages of a run hold, read and checked before the first connection; then only read,
/// by all crews at once. A message's content follows from its publisher, its number and the seed.
class PayloadSource {
 public:
  /// Payloads of 128 bytes.
  PayloadSource() = default;
  /// Reads the files that the wish names. The error names the flag or FILE:LINE.
  static std::expected<PayloadSource, std::string> make(const PayloadWish& wish);

  HeaderForm form() const { return form_; }
  /// Of each payload, header included; nothing when a template decides.
  std::optional<SizeRange> size() const;
  /// "128 B", "16..4096 B", "3 files", and where the header is when that is not the usual place.
  std::string description() const;
  /// Whether a message of this run with such a header can have a payload of this size.
  bool can_be(const PayloadHeader& header, std::size_t size) const;

 private:
  friend class PayloadMaker;
  std::size_t header_size() const;
  std::uint64_t content_size(const PayloadHeader& header) const;
  const mqtt::Bytes& content(const PayloadHeader& header) const {
    return contents_[(header.publisher + header.sequence) % contents_.size()];
  }
  std::string take_form(const PayloadWish& wish);
  std::string take_message(const std::string& word);

  HeaderForm form_ = HeaderForm::compact;
  SizeRange size_;                     ///< Header included, unless it is a property.
  std::vector<mqtt::Bytes> contents_;  ///< In turn; empty: filler of the size.
  std::shared_ptr<const PayloadTemplate> template_;
  bool is_corpus_ = false;
  std::uint64_t seed_ = 1;
  mqtt::Properties properties_;
};

}  // namespace mq_bench
