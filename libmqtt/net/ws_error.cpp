#include "libmqtt/net/ws_error.hpp"

#include <string>

namespace mqtt::net {
namespace {
class WsCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "websocket"; }
  std::string message(int value) const override {
    switch (static_cast<WsError>(value)) {
      case WsError::handshake_refused:
        return "WebSocket handshake refused";
      case WsError::not_binary:
        return "WebSocket data frame that is not binary";
      case WsError::protocol_error:
        return "WebSocket protocol error";
    }
    return "WebSocket error";
  }
};
}  // namespace

std::error_code make_error_code(WsError error) {
  static const WsCategory category;
  return {static_cast<int>(error), category};
}

}  // namespace mqtt::net
