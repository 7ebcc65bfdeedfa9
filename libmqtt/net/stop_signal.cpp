#include "libmqtt/net/stop_signal.hpp"

#include <csignal>
#include <utility>

namespace mqtt::net {

StopSignal::StopSignal(Loop& loop, std::function<void(int)> on_signal)
    : watch_(loop, {SIGINT, SIGTERM}, std::move(on_signal)) {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace mqtt::net
