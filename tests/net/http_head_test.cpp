#include "libmqtt/net/http_head.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt::net;
using Status = HttpHeadCollector::Status;

TEST_CASE(
    "fields are found in any case, without the blanks around them, and joined when repeated") {
  const auto head = HttpHead::parse("GET / HTTP/1.1\r\nA: 1\r\nhost:\t x \r\nHOST: y\r\n\r\n");
  REQUIRE(head);
  CHECK(head->first_line() == "GET / HTTP/1.1");
  CHECK(head->field("Host") == "x, y");
  CHECK(head->count("Host") == 2);
  CHECK(head->field("a") == "1");
  CHECK_FALSE(head->field("GET /").has_value());
  CHECK(head->count("b") == 0);
}

TEST_CASE("an element of a list is found wherever it stands") {
  const auto head = HttpHead::parse("x\r\nConnection: keep-alive,Upgrade\r\nconnection:  , b\r\n");
  REQUIRE(head);
  CHECK(head->has_element("Connection", "upgrade"));
  CHECK(head->has_element("Connection", "keep-alive"));
  CHECK(head->has_element("Connection", "B"));
  CHECK_FALSE(head->has_element("Connection", "keep"));
  CHECK_FALSE(head->has_element("Other", "b"));
}

TEST_CASE("a head is refused that two readers could understand differently") {
  for (const char* text : {"", "\r\n", "GET /\r\nno colon", "GET /\r\nA : blank before the colon",
                           "GET /\r\n folded: line", "GET /\r\n: no name", "GET /\r\nA: b\nC: d",
                           "GET /\x01", "GET /\r\nA: \x7F"})
    CHECK_FALSE(HttpHead::parse(text).has_value());
  CHECK_FALSE(HttpHead::parse(std::string("GET /\r\nA: \0", 11)).has_value());
}

TEST_CASE("a head is collected byte by byte, and nothing of what follows it") {
  const std::string text = "GET / HTTP/1.1\r\nA: b\r\n\r\n";
  HttpHeadCollector collector;
  for (const char c : text) {
    CHECK(collector.status() == Status::incomplete);
    CHECK(collector.receive({&c, 1}) == 1);
  }
  CHECK(collector.status() == Status::complete);
  CHECK(collector.receive("more") == 0);
  CHECK(collector.text() == text);

  HttpHeadCollector at_once;
  CHECK(at_once.receive(text + "more") == text.size());
  CHECK(at_once.text() == text);
}

TEST_CASE("a head that does not end is given up at its greatest size") {
  HttpHeadCollector collector;
  const std::string line = "A: " + std::string(97, 'x');
  for (int i = 0; i < 1000; ++i) collector.receive(line);
  CHECK(collector.status() == Status::too_large);
  CHECK(collector.text().size() == HttpHeadCollector::kMaximumSize);
}

TEST_CASE("the status of an answer, and what may be shown of it") {
  const auto status = http_status("HTTP/1.1 407 Proxy Authentication\x1b Required");
  REQUIRE(status);
  CHECK(status->code == 407);
  CHECK(status->text == "HTTP 407 Proxy Authentication\\x1b Required");
  CHECK(http_status("HTTP/1.0 200")->text == "HTTP 200");
  CHECK(http_status("HTTP/1.1 500 " + std::string(500, 'x'))->text.size() < 100);
  for (const char* line :
       {"", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2x0 OK", "HTTP/2 200 OK", "ICY"})
    CHECK_FALSE(http_status(line).has_value());
}
