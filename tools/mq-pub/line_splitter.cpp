#include "tools/mq-pub/line_splitter.hpp"

#include <cassert>
#include <utility>

namespace mq_pub {

void LineSplitter::feed(mqtt::Bytes chunk) {
  assert(position_ == chunk_.size());
  chunk_ = std::move(chunk);
  position_ = 0;
}

std::optional<LineSplitter::Line> LineSplitter::next() {
  const std::size_t end = chunk_.view().find(line_end_, position_);
  if (end != std::string_view::npos) {
    Line line = complete(end - position_);
    ++position_;
    return line;
  }
  carry();
  if (!is_finished_ || (carried_.empty() && !is_too_long_)) return std::nullopt;
  return complete(0);
}

LineSplitter::Line LineSplitter::complete(std::size_t size) {
  Line line;
  line.is_too_long = is_too_long_ || carried_.size() + size > longest_;
  if (!line.is_too_long) {
    const mqtt::Bytes rest = chunk_.slice(position_, size);
    line.bytes = carried_.empty() ? rest : mqtt::Bytes::concat({carried_, rest.span()});
  }
  position_ += size;
  is_too_long_ = false;
  carried_ = {};
  return line;
}

void LineSplitter::carry() {
  const auto rest = chunk_.span().subspan(position_);
  position_ = chunk_.size();
  is_too_long_ = is_too_long_ || carried_.size() + rest.size() > longest_;
  if (is_too_long_) {
    carried_ = {};
  } else {
    carried_.insert(carried_.end(), rest.begin(), rest.end());
  }
}

}  // namespace mq_pub
