#pragma once

#include <vector>

#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

// The parts of keys(), one file each.
std::vector<Key> listener_keys(Options& options);
std::vector<Key> access_keys(Options& options);
std::vector<Key> tls_keys(Options& options);
std::vector<Key> client_keys(Options& options);  ///< What clients may do.
std::vector<Key> limit_keys(Options& options);
std::vector<Key> log_keys(Options& options);
std::vector<Key> operation_keys(Options& options);
std::vector<Key> persistence_keys(Options& options);
std::vector<Key> bridge_keys(Options& options);

}  // namespace mq_broker_lite
