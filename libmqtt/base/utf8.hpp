#pragma once

#include <cstddef>
#include <string_view>

namespace mqtt {

/// Whether text is a UTF-8 Encoded String that a peer must accept: well-formed by Unicode (no
/// overlong forms, nothing above U+10FFFF), no surrogates [MQTT-1.5.4-1], no U+0000 [MQTT-1.5.4-2].
/// U+FEFF is kept, anywhere [MQTT-1.5.4-3]; in 3.1.1 [MQTT-1.5.3-1..3]. Control characters and
/// non-characters pass: the standard only advises against them.
bool is_valid_utf8(std::string_view text);

/// The length in bytes of the well-formed UTF-8 sequence at the start of text (1..4; U+0000 counts
/// as well-formed here), or 0 when text is empty or does not start with one.
std::size_t utf8_sequence_length(std::string_view text);

}  // namespace mqtt
