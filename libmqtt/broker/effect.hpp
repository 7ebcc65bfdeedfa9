#pragma once

#include <variant>

#include "libmqtt/base/reason_code.hpp"
#include "libmqtt/session/backlog.hpp"
#include "libmqtt/session/message.hpp"

namespace mqtt::broker {

/// What a broker asks of the driver around it. Effects are carried out in order, before the broker
/// is called again.
namespace effect {
/// The session has something to send: call ServerSession::fill_output(), then Broker::drained().
/// Told once until drained.
struct Wake {
  SessionKey session;
};
/// End the session's present connection with this reason; Broker::disconnected() is not to be
/// called for it.
struct Disconnect {
  SessionKey session;
  ReasonCode reason_code;
};
/// A congested session has drained, or has had its time: publishers that were paused go on.
struct ResumePublishers {};
/// Ask the store for this page of the session's backlog, once it holds all changes recorded so far;
/// Broker::backlog_came() takes the answer.
struct FetchBacklog {
  SessionKey session;
  BacklogRequest request;
};
}  // namespace effect
using Effect =
    std::variant<effect::Wake, effect::Disconnect, effect::ResumePublishers, effect::FetchBacklog>;

}  // namespace mqtt::broker
