#include "libmqtt/server/password_file.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/temp_dir.hpp"

using namespace mqtt::server;

namespace {

/// As mosquitto_passwd 2.0.11 wrote them, with -H sha512-pbkdf2 and -H sha512.
const std::string kSeven =
    "seven:$7$101$iB3VtLvDmMsC921w$"
    "TdXk/NYGHwZB1RscIQQ7pKD07ytc1u4S4eI9NXc5RAIwVXMGrIE0B0WQRvK6PNkXmr1WtpkgLVXECknCIz8Y6g==";
const std::string kSix =
    "six:$6$eB9xn4TLZAMULRGc$"
    "1zKKJ2+wSdQA4smJJxO8+5Fk9Nxc3xmeXDs/zYehWvrvid+djCKtl7sC4ayuxsJgCvW8FlvLNDC/J2ELt9FC0A==";
/// Of the reference implementation's own tests: "password" with "somesalt".
const std::string kArgon2id =
    "argon:$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
/// RFC 7677's "pencil".
const std::string kScram =
    "scram:$scram-sha-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=$wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

std::shared_ptr<const PasswordFile> parsed(const std::string& text) {
  const auto file = PasswordFile::parse(text);
  REQUIRE_MESSAGE(file, file.error());
  return *file;
}

std::string refusal(const std::string& text) {
  const auto file = PasswordFile::parse(text);
  return file ? "taken" : file.error();
}

}  // namespace

TEST_CASE("each kind of hash tells its own password from any other") {
  const auto file = parsed(kSeven + "\n" + kSix + "\n" + kArgon2id + "\n" + kScram + "\n");
  CHECK(file->size() == 4);
  CHECK(file->verify("seven", "pass word") == Verdict::right);
  CHECK(file->verify("six", "pass word") == Verdict::right);
  CHECK(file->verify("argon", "password") == Verdict::right);
  CHECK(file->verify("scram", "pencil") == Verdict::right);
  for (const char* name : {"seven", "six", "argon", "scram", "nobody", ""})
    for (const char* password : {"", "wrong", "pass word ", "Pencil", "\x07"})
      CHECK(file->verify(name, password) == Verdict::wrong);
  CHECK(file->verify("Seven", "pass word") == Verdict::wrong);
  CHECK(file->verify("six", std::string("pass word\0", 10)) == Verdict::wrong);
}

TEST_CASE("a SCRAM entry is found for those who have one only") {
  const auto file = parsed(kSeven + "\n" + kScram);
  REQUIRE(file->find_scram("scram") != nullptr);
  CHECK(file->find_scram("scram")->iterations == 4096);
  CHECK(file->find_scram("seven") == nullptr);
  CHECK(file->find_scram("nobody") == nullptr);
}

TEST_CASE("new entries are read back from their text and match their password") {
  for (const auto kind :
       {PasswordKind::argon2id, PasswordKind::pbkdf2_sha512, PasswordKind::scram_sha_256}) {
    const auto entry = make_password_entry(kind, "secret");
    REQUIRE(entry);
    const auto again = make_password_entry(kind, "secret");
    REQUIRE(again);
    CHECK(to_text(*entry) != to_text(*again));
    const auto file = parsed("user:" + to_text(*entry));
    CHECK(file->verify("user", "secret") == Verdict::right);
    CHECK(file->verify("user", "Secret") == Verdict::wrong);
  }
  CHECK_FALSE(make_password_entry(PasswordKind::scram_sha_256, "\x07"));
}

TEST_CASE("entries keep their text") {
  for (const std::string& line : {kSeven, kSix, kArgon2id, kScram}) {
    const std::string text = line.substr(line.find(':') + 1);
    const auto entry = parse_password_entry(text);
    REQUIRE_MESSAGE(entry, entry.error());
    CHECK(to_text(*entry) == text);
  }
}

TEST_CASE("nothing matches what stands in for an unknown user, not even its model's password") {
  const auto entry = parse_password_entry(kSix.substr(4));
  REQUIRE(entry);
  const PasswordEntry stand_in = unmatchable(*entry);
  CHECK(stand_in.index() == entry->index());
  CHECK(verify(stand_in, "pass word") == Verdict::wrong);
  CHECK(parsed("")->verify("anybody", "") == Verdict::wrong);
}

TEST_CASE("CRLF, empty lines, comments, a byte order mark and a last line without end are fine") {
  const auto file =
      parsed("\xEF\xBB\xBF# users\r\n\r\n  \t\n" + kSeven + "\r\n#" + kSix + "\n\n" + kScram);
  CHECK(file->size() == 2);
  CHECK(file->verify("seven", "pass word") == Verdict::right);
  CHECK(file->verify("scram", "pencil") == Verdict::right);
  CHECK(parsed("")->size() == 0);
}

TEST_CASE("a malformed line refuses the file and is named") {
  CHECK(refusal(kSix + "\n\nuser\n") == "3: no ':' behind the user's name");
  CHECK(refusal(":" + kSix) == "1: an empty user name");
  CHECK(refusal("\xFF:x") == "1: a user name that is not UTF-8");
  CHECK(refusal("a\x1B"
                "b:x") == "1: a user name with control characters");
  CHECK(refusal(kSix + "\r\n" + kSix) == "2: 'six' is there twice");
  CHECK(refusal("u:secret").starts_with("1: 'u': no hash begins like this"));
  CHECK(refusal("u:") == refusal("u:secret"));
  CHECK(refusal("u:$9$a$b") == refusal("u:secret"));
  CHECK(refusal(kSix + " ") == "1: 'six': the hash is not of the form $6$SALT$HASH");
  CHECK(refusal(kSix + "$") == refusal(kSix + " "));
  CHECK(refusal(std::string("u:\0", 3)) == "1: a NUL byte");
  CHECK(refusal("# a comment\n" + std::string(10'000'000, 'x')) == "2: a line of 10000000 bytes");
  CHECK(refusal(std::string(65536, 'u') + ":x") == "1: a user name of more than 65535 bytes");
}

TEST_CASE("hashes that lack something, or have too much of it, are malformed") {
  const std::string hash64 = kSix.substr(kSix.rfind('$') + 1);
  for (const std::string& text :
       {std::string("$7$"), "$7$101$c2FsdA==$" + hash64 + "$x", "$7$-1$c2FsdA==$" + hash64,
        "$7$1e3$c2FsdA==$" + hash64, "$7$101$$" + hash64, "$7$101$c2FsdA$" + hash64,
        std::string("$7$101$c2FsdA==$c2FsdA=="), std::string("$6$c2FsdA==$"),
        std::string("$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
        std::string("$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
        std::string("$argon2id$v=19$t=2,m=256,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
        std::string("$argon2id$v=19$m=256,t=2,p=1,x=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
        std::string("$argon2id$v=19$m=256,t=2,p=1$c2FsdA$nf65EOgLrQMR/uIPnA4rEg"),
        std::string("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$bmY"),
        std::string("$scram-sha-256$4096$c2FsdA==$c2FsdA==$c2FsdA==")}) {
    const auto entry = parse_password_entry(text);
    REQUIRE_MESSAGE(!entry, text);
    CHECK(entry.error().starts_with("the hash is not of the form $"));
  }
}

TEST_CASE("costs that would hang the broker are refused") {
  const auto error = [](const std::string& text) {
    const auto entry = parse_password_entry(text);
    return entry ? "taken" : entry.error();
  };
  const std::string pbkdf2 = "$iB3VtLvDmMsC921w$" + kSeven.substr(kSeven.rfind('$') + 1);
  CHECK(error("$7$0" + pbkdf2) == "0 iterations are not from 1 to 2000000");
  CHECK(error("$7$4000000000" + pbkdf2) == "4000000000 iterations are not from 1 to 2000000");
  CHECK(error("$7$2000000" + pbkdf2) == "taken");
  const std::string keys = kScram.substr(kScram.find("$W22"));
  CHECK(error("$scram-sha-256$2000001" + keys).ends_with("are not from 1 to 2000000"));
  const auto argon2 = [&](const std::string& cost) {
    return error("$argon2id$v=19$" + cost + "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg");
  };
  CHECK(argon2("m=262144,t=16,p=16") == "taken");
  CHECK(argon2("m=262145,t=1,p=1") == "argon2id with 262145 KiB of memory: not from 8 to 262144");
  CHECK(argon2("m=7,t=1,p=1") == "argon2id with 7 KiB of memory: not from 8 to 262144");
  CHECK(argon2("m=262144,t=17,p=1") == "argon2id with 17 passes over 262144 KiB: not from 1 to 16");
  CHECK(argon2("m=8,t=0,p=1").starts_with("argon2id with 0 passes"));
  CHECK(argon2("m=1024,t=1,p=17") == "argon2id with 17 lanes: not from 1 to 16");
  CHECK(argon2("m=1024,t=1,p=0").starts_with("argon2id with 0 lanes"));
}

TEST_CASE("a file is named with its line, and why it can't be read") {
  const support::TempDir directory;
  const std::string path = directory.write("users", kSix + "\nx\n");
  const auto malformed = PasswordFile::load(path);
  REQUIRE_FALSE(malformed);
  CHECK(malformed.error() == path + ":2: no ':' behind the user's name");
  const auto good = PasswordFile::load(directory.write("good", kSix + "\n"));
  REQUIRE(good);
  CHECK((*good)->verify("six", "pass word") == Verdict::right);
  const std::string missing = directory.path() / "missing";
  CHECK(PasswordFile::load(missing).error() == missing + ": No such file or directory");
  CHECK(PasswordFile::load(directory.path()).error() ==
        directory.path().string() + ": is a directory");
  CHECK(PasswordFile::load("/dev/zero").error() == "/dev/zero: is not a regular file");
}
