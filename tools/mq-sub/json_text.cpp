#include "tools/mq-sub/json_text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace mq_sub {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

void append_json_member(std::string& out, std::string_view name, std::string_view data,
                        Escape escape) {
  fmt::format_to(std::back_inserter(out), "\"{}\":", name);
  if (mqtt::is_json_text(data)) return append_json_string(out, data, escape);
  fmt::format_to(std::back_inserter(out), "null,\"{}_base64\":\"", name);
  append_base64(out, data);
  out += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(bytes.size() < 3 ? bytes.size() : 3)) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= bytes.size() ? kBase64[group >> (18 - 6 * i) & 0x3F] : '=';
    }
  }
}

}  // namespace mq_sub
