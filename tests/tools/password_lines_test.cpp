#include "tools/mq-broker-lite/password_lines.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libmqtt/server/password_file.hpp"

using namespace mq_broker_lite;
using mqtt::server::PasswordFile;
using mqtt::server::PasswordKind;
using mqtt::server::Verdict;

TEST_CASE("a new user stands at the end, on a line of its own, with the ends that the file has") {
  CHECK(with_entry("", "b", "hash") == "b:hash\n");
  CHECK(with_entry("a:x\n", "b", "hash") == "a:x\nb:hash\n");
  CHECK(with_entry("a:x", "b", "hash") == "a:x\nb:hash\n");
  CHECK(with_entry("a:x\r\n", "b", "hash") == "a:x\r\nb:hash\r\n");
  CHECK(with_entry("# b\r\na:x", "b", "hash") == "# b\r\na:x\r\nb:hash\r\n");
}

TEST_CASE("a user who is there gets the new entry in place, once; all else stays as it is") {
  const std::string text = "# comment: b:\n\nab:1\n b:2\r\nb:old\r\nb2:3\nb:older\nlast";
  CHECK(with_entry(text, "b", "new") == "# comment: b:\n\nab:1\n b:2\r\nb:new\r\nb2:3\nlast");
  CHECK(with_entry("b:old", "b", "new") == "b:new");
}

TEST_CASE("a user is removed wherever it stands, and nobody else") {
  CHECK(without_user("a:1\nb:2\r\n# b:\nbb:3\nb:4", "b") == "a:1\n# b:\nbb:3\n");
  CHECK(without_user("b:2", "b") == "");
  CHECK_FALSE(without_user("bb:2\n#b:\nb", "b"));
  CHECK_FALSE(without_user("", "b"));
}

TEST_CASE("plain passwords are hashed in place, and hashes stay") {
  const std::string hashed =
      "six:$6$eB9xn4TLZAMULRGc$"
      "1zKKJ2+wSdQA4smJJxO8+5Fk9Nxc3xmeXDs/zYehWvrvid+djCKtl7sC4ayuxsJgCvW8F"
      "lvLNDC/J2ELt9FC0A==";
  const auto text = hash_plain("# plain\r\n\r\nann: se:cret\r\n" + hashed + "\nben:$x",
                               PasswordKind::scram_sha_256);
  REQUIRE(text);
  CHECK(text->starts_with("# plain\r\n\r\nann:$scram-sha-256$"));
  CHECK(text->contains("\r\n" + hashed + "\nben:$scram"));
  CHECK_FALSE(text->contains("cret"));
  const auto file = PasswordFile::parse(*text);
  REQUIRE(file);
  CHECK((*file)->verify("ann", " se:cret") == Verdict::right);
  CHECK((*file)->verify("ben", "$x") == Verdict::right);
  CHECK((*file)->verify("six", "pass word") == Verdict::right);
  CHECK(hash_plain(*text, PasswordKind::argon2id) == *text);
}

TEST_CASE("what can't be hashed is named with its line, and nothing is made of the rest") {
  const auto error = [](const std::string& text) {
    const auto hashed = hash_plain(text, PasswordKind::scram_sha_256);
    return hashed ? "taken" : hashed.error();
  };
  CHECK(error("a:b\n\nuser\n") == "3: no ':' behind the user's name");
  CHECK(error("a:\r\n") == "1: 'a': an empty password");
  CHECK(error("a:$6$broken\n") == "1: 'a': begins like a hash and is none");
  CHECK(error("a:\x07\n") == "1: 'a': a password with control characters");
}
