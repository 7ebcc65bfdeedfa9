#include "libmqtt/broker/retained.hpp"

#include <map>
#include <string>
#include <utility>

#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {

struct Retained::State {
  std::map<std::string, MessagePtr, std::less<>> messages;
  std::size_t bytes = 0;
};

Retained::Retained() : state_(std::make_unique<State>()) {}
Retained::~Retained() = default;

void Retained::set(MessagePtr message) {
  erase(message->topic.view());
  state_->bytes += message->cost();
  std::string topic(message->topic.view());
  state_->messages.emplace(std::move(topic), std::move(message));
}

bool Retained::erase(std::string_view topic) {
  const auto found = state_->messages.find(topic);
  if (found == state_->messages.end()) return false;
  state_->bytes -= found->second->cost();
  state_->messages.erase(found);
  return true;
}

void Retained::match(std::string_view filter, TimePoint now,
                     const std::function<void(const MessagePtr&)>& visit) {
  for (auto entry = state_->messages.begin(); entry != state_->messages.end();) {
    const MessagePtr& message = entry->second;
    if (!matches(filter, message->topic.view())) {
      ++entry;
    } else if (message->expires <= now) {
      state_->bytes -= message->cost();
      entry = state_->messages.erase(entry);
    } else {
      visit(message);
      ++entry;
    }
  }
}

std::size_t Retained::size() const { return state_->messages.size(); }
std::size_t Retained::bytes() const { return state_->bytes; }

}  // namespace mqtt::broker
