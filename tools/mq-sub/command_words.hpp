#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mq_sub {

/// Splits a command into words at blanks, as a shell would, without anything else that a shell
/// does: '…' keeps everything, "…" all but \" and \\, a backslash outside takes the next character
/// as it is. The error is one sentence: nothing there, or a quote that does not end.
std::expected<std::vector<std::string>, std::string> split_words(std::string_view text);

}  // namespace mq_sub
