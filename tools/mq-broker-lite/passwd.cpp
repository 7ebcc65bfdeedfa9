#include "tools/mq-broker-lite/passwd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <utility>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/server/password_file.hpp"
#include "libmqtt/server/text_file.hpp"
#include "tools/common/parse.hpp"
#include "tools/common/setters.hpp"
#include "tools/mq-broker-lite/locked_file.hpp"
#include "tools/mq-broker-lite/password_lines.hpp"
#include "tools/mq-broker-lite/password_prompt.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::server::PasswordKind;
using Text = std::expected<std::string, std::string>;
using Outcome = std::expected<void, std::string>;

constexpr std::size_t kLongestPassword = 65535;

std::vector<cli::Option> rows(PasswdOptions& options) {
  constexpr std::string_view kWhat = "What to do (default: add the user, or change the password)";
  constexpr std::string_view kHow = "How";
  return {
      {.name = "create",
       .letter = 'c',
       .group = kWhat,
       .help = "begin a new file with this user; what was in FILE is lost",
       .set = cli::set_flag(options.create)},
      {.name = "delete",
       .letter = 'D',
       .group = kWhat,
       .help = "remove the user",
       .set = cli::set_flag(options.remove)},
      {.name = "upgrade",
       .letter = 'U',
       .group = kWhat,
       .help = "hash every password that stands in FILE in plain",
       .man = "Lines that are hashed already stay as they are.",
       .set = cli::set_flag(options.hash_all)},
      {.name = "batch",
       .letter = 'b',
       .group = kHow,
       .help = "take the password from the command line",
       .man = "Everybody on the machine may see it there for a moment, and the shell may remember "
              "it: let the program read it from standard input instead.",
       .set = cli::set_flag(options.batch)},
      {.name = "hash",
       .letter = 'H',
       .value = "KIND",
       .group = kHow,
       .help = "what to keep of the password",
       .man = "argon2id is the hardest to guess from. scram-sha-256 lets the user log in by that "
              "method as well (5.0 enhanced authentication), without sending the password; control "
              "characters have no place in it. pbkdf2-sha512 (or sha512-pbkdf2) is what mosquitto "
              "2.0 reads too.",
       .default_text = "argon2id",
       .set =
           cli::set_choice(options.kind, "kind of hash (argon2id, scram-sha-256 or pbkdf2-sha512)",
                           std::vector<std::pair<std::string_view, PasswordKind>>{
                               {"argon2id", PasswordKind::argon2id},
                               {"scram-sha-256", PasswordKind::scram_sha_256},
                               {"pbkdf2-sha512", PasswordKind::pbkdf2_sha512},
                               {"sha512-pbkdf2", PasswordKind::pbkdf2_sha512}}),
       .choices = {"argon2id", "scram-sha-256", "pbkdf2-sha512"}},
  };
}

cli::Complaint check(const PasswdOptions& options) {
  if (options.create + options.remove + options.hash_all > 1)
    return "-c, -D and -U exclude each other";
  if (options.batch && (options.remove || options.hash_all))
    return "-b: there is no password to give";
  const std::size_t wanted = options.hash_all ? 1 : options.batch ? 3 : 2;
  if (options.words.size() != wanted)
    return options.hash_all ? "-U: needs FILE and nothing more"
           : options.batch  ? "-b: needs FILE, USER and PASSWORD"
                            : "needs FILE and USER";
  if (options.hash_all) return {};
  const std::string& user = options.words[1];
  if (auto complaint = mqtt::server::judge_username(user); !complaint.empty()) return complaint;
  return user.contains(':') ? "a user name with ':'" : "";
}

Text entry_of(const PasswdOptions& options) {
  const Text password =
      options.batch ? Text(options.words[2]) : read_password(mqtt::escaped(options.words[1]));
  if (!password) return password;
  if (password->empty()) return std::unexpected("an empty password");
  if (password->size() > kLongestPassword)
    return std::unexpected("a password of more than 65535 bytes");
  const auto entry = mqtt::server::make_password_entry(options.kind, *password);
  if (!entry) return std::unexpected(entry.error());
  return to_text(*entry);
}

/// The file's text as it is to be; `entry` is the user's who is added.
Text edited(const PasswdOptions& options, const std::string& text, const std::string& entry) {
  if (options.hash_all) return hash_plain(text, options.kind);
  const std::string& user = options.words[1];
  if (!options.remove) return with_entry(text, user, entry);
  auto rest = without_user(text, user);
  if (!rest) return std::unexpected(" " + mqtt::quoted(user) + " is not there");
  return std::move(*rest);
}

/// Before anybody is asked for a password, and without a lock: nobody waits for who types it.
Text prepare_entry(const PasswdOptions& options) {
  if (options.hash_all || options.remove) return {};
  if (!options.create)
    if (auto text = mqtt::server::read_text_file(options.words[0]); !text) return text;
  return entry_of(options);
}

Outcome run(const PasswdOptions& options) {
  const std::string& path = options.words[0];
  const Text entry = prepare_entry(options);
  if (!entry) return std::unexpected(entry.error());
  const auto file = LockedFile::open(path);
  if (!file) return std::unexpected(file.error());
  const Text before = options.create ? Text() : file->read();
  if (!before) return std::unexpected(before.error());
  const Text after = edited(options, *before, *entry);
  if (!after) return std::unexpected(mqtt::escaped(path) + ':' + after.error());
  // Nothing is written that the broker would refuse to start with.
  if (const auto users = mqtt::server::PasswordFile::parse(*after); !users)
    return std::unexpected(mqtt::escaped(path) + ':' + users.error() + " (nothing was changed)");
  return file->replace(*after);
}

}  // namespace

cli::Tool describe(PasswdOptions& options) {
  return {
      .name = "mq-broker-lite passwd",
      .summary = "manage the password file of mq-broker-lite",
      .synopsis = {"[-c] [-H KIND] FILE USER", "-b [-c] [-H KIND] FILE USER PASSWORD",
                   "-D FILE USER", "-U [-H KIND] FILE"},
      .description =
          "Adds a user to a password file, or gives one that is there another password. The "
          "password is asked for twice on a terminal; otherwise it is the first line of standard "
          "input.\n\n"
          "A password file has a line USER:HASH for each user; empty lines and lines that begin "
          "with # say nothing, and stay where they are. Files of mosquitto_passwd may be used as "
          "they are. The file is replaced at once, so that a broker never reads half of it, and "
          "keeps its mode and owner; a new one can be read by its owner only. Another passwd on "
          "the same file waits.\n\n"
          "A running broker reads the file again on SIGHUP. Clients that are connected stay so.",
      .options = rows(options),
      .exit_codes = {{"0", "Done."},
                     {"1", "A bad option, or the reason in one line; nothing was changed."}},
      .examples = {{"mq-broker-lite passwd -c /etc/mq-broker-lite/users anna",
                    "Begin a file with the user anna."},
                   {"mq-broker-lite passwd -H scram-sha-256 users ben <secret",
                    "Add ben, who may use SCRAM-SHA-256; the password is in a file."},
                   {"mq-broker-lite passwd -D users ben", "Remove ben."}},
      .see_also = {"mq-broker-lite(1)", "mosquitto_passwd(1)"},
      .set_positional =
          [&options](const std::string& word) {
            options.words.push_back(word);
            return cli::Complaint();
          },
      .check = [&options] { return check(options); },
  };
}

int passwd(int argc, char** argv) {
  PasswdOptions options;
  const cli::Tool tool = describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  if (options.batch) {
    // `ps` is not to show it.
    for (int i = 1; i < argc; ++i)
      if (options.words[2] == argv[i]) std::fill_n(argv[i], options.words[2].size(), '*');
  }
  const Outcome outcome = run(options);
  if (outcome) return 0;
  cli::complain(tool, outcome.error());
  return 1;
}

}  // namespace mq_broker_lite
