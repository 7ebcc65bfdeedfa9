#pragma once

#include <expected>
#include <memory>
#include <string>

#include "tools/mq-pub/message_source.hpp"

namespace mq_pub {

/// Where the messages come from, with the spool between if there is to be one. What to publish is
/// known to be there before anybody is bothered by a connection; the error is one line.
std::expected<std::unique_ptr<MessageSource>, std::string> open_source(mqtt::net::Loop& loop,
                                                                       const Options& options);

}  // namespace mq_pub
