#include "tests/e2e/bench_runs.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace e2e {

using nlohmann::json;

Command bench(std::uint16_t port, const std::string& mode, const Arguments& arguments,
              bool judges_itself) {
  Command command{.argv = {support::tool("mq-bench"), mode, "-h", "127.0.0.1", "-p",
                           std::to_string(port), "--progress", "none", "--json", "-"}};
  if (!judges_itself) command.argv.emplace_back("--allow-limited");
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return command;
}

std::string content_of(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Stamp stamp_of(std::string_view payload) {
  const auto take = [&](std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : payload.substr(offset, size))
      value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  };
  return {static_cast<std::uint32_t>(take(2, 3)), static_cast<std::uint32_t>(take(5, 4)),
          mqtt::TimePoint(std::chrono::microseconds(take(9, 7)))};
}

bool is_load(const mqtt::Publish& publish) {
  return publish.payload.size() >= 16 && stamp_of(publish.payload.view()).sequence != 0xFFFF'FFFF;
}

BenchRun run_bench(std::uint16_t port, const std::string& mode, const Arguments& arguments,
                   bool judges_itself) {
  return BenchRun(support::run(bench(port, mode, arguments, judges_itself)));
}

BenchRun::BenchRun(Exit end)
    : end_(std::move(end)),
      json_(std::make_shared<const json>(json::parse(end_.out, nullptr, false))) {
  if (json_->is_discarded()) FAIL("no JSON, exit code " << end_.code << ": " << end_.err);
}

bool BenchRun::has(const std::string& pointer) const {
  return json_->contains(json::json_pointer(pointer));
}

const json& BenchRun::at(const std::string& pointer) const {
  if (!has(pointer)) FAIL(pointer << " is not in " << end_.out);
  return json_->at(json::json_pointer(pointer));
}

std::int64_t BenchRun::number(const std::string& pointer) const {
  const json& value = at(pointer);
  if (!value.is_number_integer()) FAIL(pointer << " is " << value.dump());
  return value.get<std::int64_t>();
}

double BenchRun::real(const std::string& pointer) const {
  const json& value = at(pointer);
  if (!value.is_number()) FAIL(pointer << " is " << value.dump());
  return value.get<double>();
}

std::string BenchRun::text(const std::string& pointer) const {
  const json& value = at(pointer);
  if (!value.is_string()) FAIL(pointer << " is " << value.dump());
  return value.get<std::string>();
}

bool BenchRun::flag(const std::string& pointer) const {
  const json& value = at(pointer);
  if (!value.is_boolean()) FAIL(pointer << " is " << value.dump());
  return value.get<bool>();
}

std::string BenchRun::lines(const std::string& pointer) const {
  std::string result;
  for (const json& element : at(pointer)) result += element.get<std::string>() + "\n";
  return result;
}

std::string BenchRun::headline() const { return end_.err.substr(0, end_.err.find('\n')); }

void BenchRun::check_balance() const {
  CHECK(counter("scheduled") ==
        counter("sent") + counter("skipped_offline") + counter("skipped_backlog"));
  CHECK(counter("expected") == counter("unique") + counter("lost"));
}

}  // namespace e2e
