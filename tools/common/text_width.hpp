#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cli {

/// How many columns a terminal gives this character: 0 for combining marks and for what is not seen
/// or changes the direction of writing, 2 for East Asian wide characters and emoji, else 1.
int column_width(char32_t character);

/// Appends text cut or filled with blanks to exactly `columns` columns; what was cut ends in "…".
/// Control characters become blanks, and what is not UTF-8 "?", so that the text can do nothing but
/// be seen.
void append_fitted(std::string& out, std::string_view text, std::size_t columns);

/// The columns that append_fitted would need to show all of it.
std::size_t text_columns(std::string_view text);

}  // namespace cli
