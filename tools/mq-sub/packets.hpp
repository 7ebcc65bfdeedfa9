#pragma once

#include "libmqtt/client/client.hpp"
#include "libmqtt/codec/packet.hpp"
#include "tools/mq-sub/options.hpp"

namespace mq_sub {

/// What the client is to do for these options; they have been checked.
mqtt::client::ClientOptions client_options(const Options& options);
/// The SUBSCRIBE for all topics, without its packet id.
mqtt::Subscribe subscribe_packet(const Options& options);
mqtt::Unsubscribe unsubscribe_packet(const Options& options);

}  // namespace mq_sub
