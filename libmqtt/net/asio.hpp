#pragma once

// The only include of Asio in the project. <cstdlib> first: see asio.cpp.

#include <cstdlib>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

namespace mqtt::net {

template <class T = void>
using Awaitable = asio::awaitable<T, asio::io_context::executor_type>;

/// Completion token: co_await gives a tuple that begins with the error code; nothing is thrown.
inline constexpr auto kAwait =
    asio::experimental::as_tuple(asio::use_awaitable_t<asio::io_context::executor_type>{});

}  // namespace mqtt::net
