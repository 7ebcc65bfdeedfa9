#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "libmqtt/server/password_entry.hpp"

namespace mqtt::server {

/// The users of one password file: a line "USER:HASH" each, with the hashes of password_entry.hpp;
/// empty lines and lines that begin with '#' say nothing. Immutable, for any thread.
class PasswordFile {
 public:
  using Result = std::expected<std::shared_ptr<const PasswordFile>, std::string>;

  /// Lines end with LF or CRLF. The first thing that is wrong refuses all of it: "LINE: what".
  static Result parse(std::string_view text);
  /// The same of a file: "PATH:LINE: what", or "PATH: why it can't be read".
  static Result load(const std::string& path);

  /// Slow: not on a loop. A user who is not there costs what most of those cost who are.
  Verdict verify(std::string_view username, std::string_view password) const;
  /// The user's SCRAM entry; nullptr when there is none.
  const ScramEntry* find_scram(std::string_view username) const;
  /// What those who have no SCRAM entry are told.
  std::uint32_t scram_iterations() const { return scram_iterations_; }
  std::size_t size() const { return users_.size(); }

 private:
  void choose_stand_in();

  std::map<std::string, PasswordEntry, std::less<>> users_;
  PasswordEntry stand_in_;  ///< Whom nobody knows is held against this.
  std::uint32_t scram_iterations_ = kScramIterations;
};

/// What is wrong with a user's name in a password file; empty when nothing is.
std::string judge_username(std::string_view name);

}  // namespace mqtt::server
