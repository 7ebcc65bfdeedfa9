#pragma once

#include <string>

#include "libmqtt/session/client_session.hpp"

namespace mq_sub {

/// One line for -d about a packet that was received, with no more than the beginning of a payload.
std::string describe(const mqtt::ClientEvent& event);
/// The same for requests that are sent.
std::string describe(const mqtt::Subscribe& subscribe);
std::string describe(const mqtt::Unsubscribe& unsubscribe);

}  // namespace mq_sub
