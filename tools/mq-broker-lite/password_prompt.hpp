#pragma once

#include <expected>
#include <string>

namespace mq_broker_lite {

/// A new password for `user` (shown as it is): asked for twice, without echo, when standard input
/// is a terminal; else its first line. The error is one line.
std::expected<std::string, std::string> read_password(const std::string& user);

}  // namespace mq_broker_lite
