#pragma once

#include <string>
#include <string_view>

namespace mq_bench {

/// Text for XML and HTML, between tags and as a quoted attribute: whatever it says, it is only
/// text. Control characters, what is not UTF-8, what XML 1.0 cannot hold (U+FFFE, U+FFFF) and what
/// turns the direction of writing are shown as \x escapes.
std::string markup(std::string_view text);

}  // namespace mq_bench
