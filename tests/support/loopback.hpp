#pragma once

#include <cstdint>

#include "tests/support/descriptor.hpp"

/// TCP sockets on 127.0.0.1, as the tests need them. Errors are bugs of the test: they end it.
namespace support {

/// Listens on a port that the kernel chooses.
Descriptor listen_loopback();
std::uint16_t local_port(const Descriptor& socket);
/// The next connection to it.
Descriptor accept_loopback(const Descriptor& listener);
/// Connected, or not open when nothing listens there.
Descriptor connect_loopback(std::uint16_t port);
/// A port that was free a moment ago: for programs that cannot choose one themselves, which must
/// be prepared to lose the race, and to connect to where nobody listens.
std::uint16_t free_port();
/// Closes with a reset (RST) instead of an orderly end.
void reset(Descriptor& socket);

}  // namespace support
