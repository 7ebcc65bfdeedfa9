#pragma once

#include <string>

namespace mq_broker_lite {

/// The table of all keys, those that are refused included, in Markdown: KEYS.md.
std::string render_keys();

}  // namespace mq_broker_lite
