#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>

#include "libmqtt/broker/access.hpp"
#include "libmqtt/server/password_file.hpp"
#include "libmqtt/server/settings.hpp"

namespace mqtt::server {

/// Whom a listener lets in, and what they may do then. Replaced as a whole at a reload: it holds
/// for those who come from then on.
struct Door {
  broker::AccessScope access = 0;
  bool allow_anonymous = false;
  std::shared_ptr<const PasswordFile> users;    ///< nullptr: names are taken as they are given.
  std::shared_ptr<const broker::Access> rules;  ///< nullptr: everything is allowed.
};

/// Reads the files behind the doors of one configuration, each file once.
class DoorLoader {
 public:
  explicit DoorLoader(const ServerSettings& settings) : settings_(settings) {}

  /// The door of the listener that is the server's `number`th, from 0. The error is one line that
  /// names the file and the line in it.
  std::expected<Door, std::string> load(const ListenerSettings& listener, std::uint16_t number);

 private:
  const ServerSettings& settings_;
  std::map<std::string, PasswordFile::Result> users_;
  std::map<std::string, std::expected<std::shared_ptr<const broker::Access>, std::string>> rules_;
};

}  // namespace mqtt::server
