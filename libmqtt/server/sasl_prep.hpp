#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace mqtt::server {

/// A password as SCRAM hashes it: SASLprep (RFC 4013) without normalisation (NFKC) and without the
/// rules for right-to-left text, whose tables nothing here has. What people type, precomposed
/// letters included, is normalised already. Spaces of other kinds become U+0020, invisible
/// characters go. The error says why the text is no password: control characters, private use, not
/// UTF-8, nothing left.
std::expected<std::string, std::string> sasl_prep(std::string_view text);

}  // namespace mqtt::server
