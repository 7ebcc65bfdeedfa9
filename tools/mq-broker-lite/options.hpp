#pragma once

#include <cstdint>
#include <string>

#include "libmqtt/broker/broker.hpp"
#include "tools/common/option.hpp"

namespace mq_broker_lite {

struct Options {
  std::uint16_t port = 1883;  ///< 0: any free port.
  bool verbose = false;
  mqtt::broker::BrokerOptions broker;
};

/// The option table of mq-broker-lite; its setters write into `options`, which must outlive it.
cli::Tool describe(Options& options);

}  // namespace mq_broker_lite
