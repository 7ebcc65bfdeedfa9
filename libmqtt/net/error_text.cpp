#include "libmqtt/net/error_text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "libmqtt/net/asio.hpp"

namespace mqtt::net {

std::string error_text(const std::error_code& error) {
  // Where the libraries' own words would puzzle.
  if (error == asio::error::host_not_found) return "host not found";
  if (error == asio::error::host_not_found_try_again) return "temporary failure in name resolution";
  if (error == asio::error::eof) return "the peer closed the connection";
  if (error == asio::error::timed_out) return "timed out";
  std::string text = error.message();
  // "Connection refused" begins a sentence there; words like "I/O error" and "WebSocket" keep their
  // capitals.
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string_view word = std::string_view(text).substr(0, text.find(' '));
  if (word.size() > 1 && std::ranges::count_if(word, is_upper) == 1 && is_upper(word[0]))
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace mqtt::net
