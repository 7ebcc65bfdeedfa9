#include "tools/mq-bench/payload_maker.hpp"

#include <algorithm>

namespace mq_bench {

PayloadMaker::PayloadMaker(const PayloadSource& source, std::chrono::nanoseconds wall_clock)
    : source_(source),
      wall_clock_(wall_clock),
      scratch_(source.size().value_or(SizeRange{}).most, std::byte{'.'}) {}

std::chrono::nanoseconds PayloadMaker::wall_clock_ahead() {
  return std::chrono::system_clock::now().time_since_epoch() -
         std::chrono::steady_clock::now().time_since_epoch();
}

void PayloadMaker::fill(mqtt::Publish& publish, const PayloadHeader& header) {
  if (source_.form_ == HeaderForm::property) {
    mqtt::PropertiesBuilder properties;
    properties.add(source_.properties_).add_user_property(kHeaderProperty, property_text(header));
    publish.properties = properties.build();
    // What needs no header in it is sent as it is in memory.
    publish.payload =
        source_.contents_.empty() ? mqtt::Bytes::copy(compose(header)) : source_.content(header);
    return;
  }
  if (!source_.properties_.empty()) publish.properties = source_.properties_;
  const std::span<std::byte> payload = compose(header);
  if (source_.form_ == HeaderForm::compact) {
    encode(header, payload.first<PayloadHeader::kSize>());
  } else {
    encode_extended(header, payload);
  }
  publish.payload = mqtt::Bytes::copy(payload);
}

/// Room for the header, and what follows it.
std::span<std::byte> PayloadMaker::compose(const PayloadHeader& header) {
  const std::size_t head = source_.header_size();
  std::span<const std::byte> content;
  if (source_.template_) {
    text_.clear();
    source_.template_->append_to(text_, {source_.seed_, header.publisher, header.sequence,
                                         std::chrono::sys_time<std::chrono::nanoseconds>(
                                             header.intended().time_since_epoch() + wall_clock_)});
    content = mqtt::as_bytes(text_);
  } else if (!source_.contents_.empty()) {
    content = source_.content(header).span();
  } else {
    return std::span(scratch_).first(head + source_.content_size(header));
  }
  if (scratch_.size() < head + content.size()) scratch_.resize(head + content.size());
  const auto payload = std::span(scratch_).first(head + content.size());
  std::ranges::copy(content, payload.begin() + static_cast<std::ptrdiff_t>(head));
  return payload;
}

}  // namespace mq_bench
