#pragma once

#include <string>

#include "tests/support/raw_connection.hpp"

namespace conformance {

/// One WebSocket frame as it came (RFC 6455 §5.2).
struct ReceivedFrame {
  unsigned first = 0;  ///< FIN and opcode; 0: the connection ended.
  bool is_masked = false;
  std::string payload;
};
ReceivedFrame read_frame(support::RawConnection& connection);

/// The head of an HTTP message, up to and with the empty line.
std::string read_head(support::RawConnection& connection);

}  // namespace conformance
