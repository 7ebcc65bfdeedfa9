#pragma once

#include <string>
#include <string_view>

namespace mqtt {

/// Appends bytes of a peer so that a terminal or a log shows them and does not obey them: control
/// characters (C0 with line feed and tab, DEL, C1) and bytes that are not UTF-8 become \x1b and the
/// like, byte for byte; all other text stays as it is.
void append_escaped(std::string& out, std::string_view bytes);

/// The same as a new string: for topics, client ids and reason strings in messages for people.
std::string escaped(std::string_view bytes);

/// For use inside a one-line message: escaped, cut at a character after at most 64 bytes, in single
/// quotes.
std::string quoted(std::string_view bytes);

}  // namespace mqtt
