#pragma once

#include <expected>
#include <string>

#include "libmqtt/base/bytes.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// The payload of -m, -n, -f or -s; the last two are read to their end, pipes included. The error
/// is one line for a person.
std::expected<mqtt::Bytes, std::string> whole_payload(const Options& options);

/// Everything a descriptor gives, at most kLongestPayload bytes; `name` is for the error.
std::expected<mqtt::Bytes, std::string> read_all(int descriptor, const std::string& name);

}  // namespace mq_pub
