#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/client/backoff.hpp"
#include "libmqtt/client/failure.hpp"
#include "libmqtt/net/dial.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/session/client_session.hpp"

namespace mqtt::client {

struct ClientOptions {
  net::Address address;
  net::DialOptions dial;
  Duration connect_timeout = Seconds(30);  ///< Bounds dial and CONNACK together.
  ClientSessionOptions session;
  bool reconnect = true;            ///< After a connection that was once established is lost, and
                                    ///< where one of a later start() fails.
  std::optional<unsigned> retries;  ///< Attempts in a row before giving up; nothing = for ever.
  bool retry_first = false;         ///< Whether a very first attempt that fails is retried as well.
  BackoffOptions backoff;
};

/// An MQTT client on a Loop: dials, keeps one ClientSession across connections, reconnects with
/// back-off, and stops gracefully. All calls and callbacks happen on the loop's thread. Every wait
/// is bounded: by connect_timeout, the keep-alive, the back-off or the linger of stop(). The
/// handler may call anything from inside a callback; it may destroy the client there too.
class Client {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// The socket is connected: proxy, TLS and WebSocket, where there are any, come next.
    virtual void on_socket_connected() {}
    /// The transport stands (TLS, WebSocket and all), and CONNECT is on its way.
    virtual void on_dialled() {}
    /// Everything the session reports, Connected and Subscribed included (after a reconnect without
    /// the old session the handler subscribes again itself: connack.session_present is false).
    virtual void on_event(ClientEvent& event) = 0;
    /// An attempt or a connection failed and will be tried again in `retry_in`.
    virtual void on_retry(const Failure& failure, Duration retry_in) = 0;
    /// After stop(): the server broke the connection instead of closing it, or did not take all in
    /// time. What it had not read by then it never will. on_stopped() follows.
    virtual void on_cut_off() {}
    /// It is over: nothing after stop(), else the failure that ended it. Called once.
    virtual void on_stopped(const std::optional<Failure>& failure) = 0;
  };

  Client(net::Loop& loop, ClientOptions options, Handler& handler);
  ~Client();

  /// Begins, or begins again after on_stopped: with the session as it was left.
  void start();
  bool is_online() const;
  /// The session, to publish, subscribe and acknowledge; call wake() afterwards so that it is sent.
  ClientSession& session();
  void wake();
  /// Reading stops and goes on: back-pressure for a slow consumer. Meanwhile the server's silence
  /// is not held against it. Lasts across reconnects.
  void pause_reading();
  void resume_reading();

  /// DISCONNECT with this reason (unless session().disconnect() was called before, with
  /// properties), write all that output() holds, half-close, drain, all within `linger`; then
  /// on_stopped, from the loop. Messages still waiting() in the session are not sent. While
  /// offline: stops at once.
  void stop(ReasonCode reason_code = ReasonCode::success, Duration linger = Seconds(1));
  /// Gives the present connection up without DISCONNECT, for a reason of the owner's, as if it were
  /// lost: it is tried again by the options. `why` goes into the Failure. Nothing while offline.
  void drop(std::string_view why);
  /// Closes the transport without DISCONNECT and without retrying (the will fires).
  void abort();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mqtt::client
