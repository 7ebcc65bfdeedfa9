#include <utility>

#include "libmqtt/broker/admission.hpp"
#include "libmqtt/broker/broker.hpp"

// Who may do what: the part of Broker that asks the access rules.

namespace mqtt::broker {

ServerLimits Broker::limits_of(const ListenerRules* listener) const {
  ServerLimits limits = options_.limits;
  if (listener == nullptr) return limits;
  limits.maximum_qos = listener->maximum_qos.value_or(limits.maximum_qos);
  limits.topic_alias_maximum = listener->topic_alias_maximum.value_or(limits.topic_alias_maximum);
  limits.outgoing_aliases = listener->outgoing_aliases.value_or(limits.outgoing_aliases);
  return limits;
}

void Broker::replace_access(AccessScope scope, std::shared_ptr<const Access> rules, TimePoint) {
  if (scope >= access_.size()) access_.resize(scope + std::size_t{1});
  access_[scope] = std::move(rules);
}

}  // namespace mqtt::broker
