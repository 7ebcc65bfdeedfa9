#include "libmqtt/net/error_text.hpp"

#include "libmqtt/net/asio.hpp"

namespace mqtt::net {

std::string error_text(const std::error_code& error) {
  // Where the libraries' own words would puzzle.
  if (error == asio::error::host_not_found) return "host not found";
  if (error == asio::error::host_not_found_try_again) return "temporary failure in name resolution";
  if (error == asio::error::eof) return "the peer closed the connection";
  if (error == asio::error::timed_out) return "timed out";
  std::string text = error.message();
  // "Connection refused" begins a sentence there; a word like "I/O error" keeps its capitals.
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (text.size() > 1 && upper(text[0]) && lower(text[1]))
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace mqtt::net
