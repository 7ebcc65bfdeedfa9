#pragma once

#include <expected>
#include <string_view>

#include "libmqtt/base/reason_code.hpp"

namespace mqtt {

/// A fault of the peer: the reason code that answers it and a static text that says what was wrong.
/// Whoever reports it adds the context (client, address, topic).
struct Error {
  ReasonCode code{};
  std::string_view what;  ///< Points to a string literal.

  friend bool operator==(const Error& a, const Error& b) { return a.code == b.code; }
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for `return std::unexpected(Error{...})`.
inline std::unexpected<Error> fail(ReasonCode code, std::string_view what) {
  return std::unexpected(Error{code, what});
}

}  // namespace mqtt
