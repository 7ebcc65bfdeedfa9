#include "tools/mq-bench/payload_source.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <set>
#include <string>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-bench/payload_maker.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kTag = 0x7F3A;

PayloadHeader header(std::uint32_t publisher, std::uint32_t sequence) {
  PayloadHeader made{kTag, publisher, sequence};
  made.set_intended(mqtt::TimePoint(1'234'567'890'123ns));
  return made;
}

PayloadSource source(const PayloadWish& wish) {
  auto made = PayloadSource::make(wish);
  REQUIRE_MESSAGE(made.has_value(), made.error());
  return *made;
}

std::string error(const PayloadWish& wish) {
  const auto made = PayloadSource::make(wish);
  return made ? std::string() : made.error();
}

mqtt::Publish message(const PayloadSource& from, const PayloadHeader& head) {
  PayloadMaker maker(from, 0ns);
  mqtt::Publish publish;
  maker.fill(publish, head);
  return publish;
}

/// What comes back is what went in, and the receiver accepts it.
void check_round_trip(const PayloadSource& from, const PayloadHeader& head) {
  const mqtt::Publish publish = message(from, head);
  const ReadHeader read = read_header(publish);
  CHECK(read.state == ReadHeader::State::found);
  CHECK(read.header.publisher == head.publisher);
  CHECK(read.header.sequence == head.sequence);
  CHECK(read.header.run_tag == kTag);
  CHECK(read.header.intended_us == head.intended_us);
  CHECK(from.can_be(head, publish.payload.size()));
  CHECK(!from.can_be(head, 7));
}

}  // namespace

TEST_CASE("filler has the size that was asked for, header included") {
  const PayloadSource from = source({.size = SizeRange{16, 16}});
  CHECK(message(from, header(1, 2)).payload.size() == 16);
  CHECK(message(source({}), header(1, 2)).payload.size() == 128);
  check_round_trip(from, header(1, 2));
  CHECK(from.description() == "16 B");
}

TEST_CASE("sizes of a range come from the seed, and the receiver knows each") {
  const PayloadSource from = source({.size = SizeRange{16, 20}, .seed = 3});
  std::set<std::size_t> sizes;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const mqtt::Publish publish = message(from, header(5, i));
    sizes.insert(publish.payload.size());
    CHECK(from.can_be(header(5, i), publish.payload.size()));
    CHECK(!from.can_be(header(5, i), publish.payload.size() + 1));
  }
  CHECK(sizes == std::set<std::size_t>{16, 17, 18, 19, 20});
  CHECK(from.description() == "16..20 B");
}

TEST_CASE("the long header has nanoseconds, and its checksum sees every damage") {
  const PayloadSource from = source({.size = SizeRange{40, 40}, .header = HeaderForm::extended});
  check_round_trip(from, header(0x3F'FFFF, 0xFFFF'FFFE));
  const mqtt::Publish publish = message(from, header(1, 2));
  CHECK(read_header(publish).header.intended() == mqtt::TimePoint(1'234'567'890'123ns));
  for (std::size_t at = 4; at < publish.payload.size(); ++at) {
    std::string damaged(publish.payload.view());
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    mqtt::Publish copy = publish;
    copy.payload = mqtt::Bytes::copy(damaged);
    CHECK(read_header(copy).state == ReadHeader::State::broken);
  }
  mqtt::Publish cut = publish;
  cut.payload = publish.payload.slice(0, 39);
  CHECK(read_header(cut).state == ReadHeader::State::broken);
}

TEST_CASE("a payload too small for the header has it in a user property, in 5.0 alone") {
  const PayloadSource from = source({.size = SizeRange{0, 3}, .has_properties = true});
  CHECK(from.form() == HeaderForm::property);
  CHECK(from.description() == "0..3 B, header in a user property");
  for (std::uint32_t i = 0; i < 20; ++i) {
    CHECK(message(from, header(1, i)).payload.size() <= 3);
    CHECK(read_header(message(from, header(1, i))).header.sequence == i);
  }
  CHECK(error({.size = SizeRange{15, 15}}) ==
        "-s: 15 bytes cannot hold the 16 bytes of sequence number and time; with -V 5 they go "
        "into a user property");
  CHECK(
      error({.size = SizeRange{31, 31}, .header = HeaderForm::extended, .has_properties = true}) ==
      "-s: 31 bytes cannot hold the 32 bytes of sequence number and time");
  CHECK(error({.header = HeaderForm::property}) == "--header property: needs MQTT 5.0 (-V 5)");
}

TEST_CASE("a message's text follows the header, or stands alone beside the property") {
  const PayloadSource behind = source({.message = "on"});
  CHECK(message(behind, header(1, 2)).payload.size() == 18);
  CHECK(message(behind, header(1, 2)).payload.view().ends_with("on"));
  check_round_trip(behind, header(1, 2));
  const PayloadSource beside =
      source({.message = "on", .header = HeaderForm::property, .has_properties = true});
  CHECK(message(beside, header(1, 2)).payload.view() == "on");
  check_round_trip(beside, header(1, 2));
  CHECK(error({.size = SizeRange{}, .message = "on"}) == "-m and -s exclude each other");
}

TEST_CASE("files of a directory are sent in turn, by their names") {
  const support::TempDir directory;
  std::ofstream(directory.path() / "b") << "two";
  std::ofstream(directory.path() / "a") << "o";
  std::ofstream(directory.path() / "c");
  std::filesystem::create_directory(directory.path() / "d");
  const PayloadSource from = source({.message = "@" + directory.path().string(),
                                     .header = HeaderForm::property,
                                     .has_properties = true});
  const auto text = [&](std::uint32_t publisher, std::uint32_t sequence) {
    return std::string(message(from, header(publisher, sequence)).payload.view());
  };
  CHECK(text(0, 0) == "o");
  CHECK(text(0, 1) == "two");
  CHECK(text(0, 2).empty());
  CHECK(text(1, 0) == "two");
  CHECK(from.description() == "0..3 B (3 files), header in a user property");
  CHECK(from.can_be(header(0, 1), 3));
  CHECK(!from.can_be(header(0, 0), 3));
}

TEST_CASE("a file is sent as it is, and a template filled in for each message") {
  const support::TempDir directory;
  const std::string path = directory.path() / "t";
  std::ofstream(path) << "n=${seq}";
  check_round_trip(source({.message = "@" + path}), header(1, 2));
  CHECK(
      message(source({.message = "@" + path}), header(1, 2)).payload.view().ends_with("n=${seq}"));
  const PayloadSource from = source({.message = "template:" + path});
  CHECK(message(from, header(1, 2)).payload.view().substr(16) == "n=2");
  CHECK(message(from, header(1, 1234)).payload.view().substr(16) == "n=1234");
  CHECK(message(from, header(1, 5)).payload.size() == 19);
  check_round_trip(from, header(1, 2));
  CHECK(from.description() == "template");
  const PayloadSource checked =
      source({.message = "template:" + path, .header = HeaderForm::extended});
  check_round_trip(checked, header(1, 2));
}

TEST_CASE("files that cannot be sent are named before anything is") {
  const support::TempDir directory;
  const std::string base = directory.path();
  CHECK(error({.message = "@" + base + "/none"}) == "-m: " + base + "/none: is not a file");
  CHECK(error({.message = "@" + base}) == "-m: " + base + ": holds no files");
  CHECK(error({.message = "template:" + base}) == "-m: " + base + ": is not a file");
  std::ofstream(directory.path() / "t") << "\n${oops}";
  CHECK(error({.message = "template:" + base + "/t"}).starts_with(base + "/t:2: '${oops}'"));
}

TEST_CASE("properties of the user go with every message, beside the header's own") {
  mqtt::PropertiesBuilder builder;
  builder.add(mqtt::property::content_type, "text/plain");
  for (const HeaderForm form : {HeaderForm::compact, HeaderForm::property}) {
    const PayloadSource from =
        source({.header = form, .has_properties = true, .properties = builder.build()});
    CHECK(message(from, header(1, 2)).properties.find(mqtt::property::content_type)->view() ==
          "text/plain");
    check_round_trip(from, header(1, 2));
  }
}

TEST_CASE("what others send is not taken for a header") {
  mqtt::Publish publish;
  publish.payload = mqtt::Bytes::copy("short");
  CHECK(read_header(publish).state == ReadHeader::State::absent);
  mqtt::PropertiesBuilder builder;
  for (const char* value : {"", "zz", "7f3a0000", "7f3a000001000000020000000000000g"})
    builder.add_user_property("mqb", value);
  publish.properties = builder.build();
  CHECK(read_header(publish).state == ReadHeader::State::absent);
}
