#include "libmqtt/net/error_text.hpp"

namespace mqtt::net {

std::string error_text(const std::error_code& error) {
  std::string text = error.message();
  // "Connection refused" begins a sentence there; a word like "I/O error" keeps its capitals.
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (text.size() > 1 && upper(text[0]) && lower(text[1]))
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

}  // namespace mqtt::net
