#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/common/option.hpp"

namespace mq_broker_lite {

/// One row of the table of keys: the long option --max-qos and the key max_qos of a configuration
/// file are the same row, with the same setter.
struct Key {
  /// How a file writes the value, as mosquitto reads it.
  enum class Syntax {
    word,  ///< One word, behind which a comment may stand; given again, the last one counts.
    words,  ///< The same, but each one adds.
    line,  ///< Up to the end of the line; given again for the same listener, it is refused.
    list,  ///< Up to the end of the line; each one adds.
  };

  enum class Scope {
    server,
    listener,  ///< Belongs to the `listener` that it stands behind.
    access,    ///< The same with per_listener_settings; else the server's.
  };

  cli::Option option;
  Syntax syntax = Syntax::word;
  Scope scope = Scope::server;
  bool reloads = false;           ///< SIGHUP puts a new value in force.
  std::string_view refusal = {};  ///< Why it can't be had (its setter says so); empty: it can.

  /// "max_qos".
  std::string name() const;
};

}  // namespace mq_broker_lite
