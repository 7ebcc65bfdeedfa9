#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Command bench(std::uint16_t port, const Arguments& arguments) {
  return {.argv = Arguments{support::tool("mq-bench"), "pair", "-h", "127.0.0.1", "-p",
                            std::to_string(port), "--allow-limited", "--warmup", "100ms", "--rate",
                            "500/s", "-q", "1"} +
                  arguments};
}

/// What headless Chromium makes of a page in a window of this width, after its scripts have run.
std::string dom_of(const std::string& page, int width, const std::filesystem::path& folder) {
  std::ofstream(folder / "page.html") << page;
  const Exit end = support::run(
      {.argv = {"chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--window-size=" + std::to_string(width) + ",900", "--dump-dom",
                "--user-data-dir=" + (folder / "profile").string(),
                "file://" + (folder / "page.html").string()},
       .environment = {"HOME=" + folder.string()}});
  return end.out;
}

/// Tells in the page how far it is too wide, what it has fetched and what the pointer shows.
std::string with_probe(std::string page) {
  const std::string probe = R"(<script>
    const plot = document.querySelector('.plot');
    const box = plot.getBoundingClientRect();
    plot.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2}));
    const tip = plot.querySelector('.tip');
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    document.title = ['width ' + innerWidth, 'too wide by ' + wide,
      'fetched ' + performance.getEntriesByType('resource').length,
      'tip ' + (tip ? tip.textContent : 'none'),
      'charts ' + document.querySelectorAll('figure svg[role=img]').length].join('; ');
  </script></body>)";
  page.replace(page.find("</body>"), 7, probe);
  return page;
}

}  // namespace

TEST_CASE("a browser shows the HTML report on a phone and a desktop, and fetches nothing") {
  BrokerProcess broker(kLite);
  const support::TempDir folder;
  const std::string file = (folder.path() / "r.html").string();
  const Exit end =
      support::run(bench(broker.port(), {"-c", "3", "--duration", "2s", "--html", file}));
  CHECK(end.code == 0);
  const std::string page = content(file);
  REQUIRE(page.contains("</body>"));
  for (const int width : {500, 1280}) {
    CAPTURE(width);
    const std::string dom = dom_of(with_probe(page), width, folder.path());
    const std::size_t title = dom.find("<title>");
    REQUIRE(title != std::string::npos);
    const std::string told = dom.substr(title, dom.find("</title>") - title);
    CAPTURE(told);
    CHECK(told.contains("width " + std::to_string(width) + "; too wide by 0;"));
    CHECK(told.contains("fetched 0;"));
    CHECK(told.contains("tip percentile: p"));
    CHECK(told.contains("charts 5"));
    CHECK(dom.contains("Passed"));
  }
}

TEST_CASE("plain progress on stderr, the result on stdout; none is silent") {
  BrokerProcess broker(kLite);
  const Exit plain = support::run(bench(broker.port(), {"--duration", "2s"}));
  CHECK(plain.code == 0);
  CHECK(plain.err.contains("measure "));
  CHECK(plain.err.contains("  conn 2/2  target 500/s  sent "));
  CHECK_FALSE(plain.err.contains('\x1b'));
  CHECK(plain.out.starts_with("RESULT  VALID"));
  const Exit json = support::run(bench(broker.port(), {"--duration", "2s", "--progress", "json"}));
  CHECK(json.err.starts_with("{\"run_id\":"));
  const Exit none = support::run(bench(broker.port(), {"--duration", "1s", "--progress", "none"}));
  CHECK(none.err.empty());
  const Exit tui = support::run(bench(broker.port(), {"--progress", "tui"}));
  CHECK(tui.code == 2);
  CHECK(tui.err.contains("--progress: stderr is not a terminal"));
}

TEST_CASE("--events tells of every client, and why one was cut off") {
  const support::TempDir folder;
  const std::string file = (folder.path() / "e.csv").string();
  auto broker = std::make_unique<BrokerProcess>(kLite);
  Process process(bench(broker->port(), {"--id-prefix", "x", "--duration", "60s", "--drain", "0s",
                                         "--events", file, "--progress", "plain"}));
  REQUIRE(process.wait_for_error("measure "));
  broker.reset();
  process.signal(SIGTERM);
  CHECK(process.wait().code == 143);
  const std::string events = content(file);
  CAPTURE(events);
  CHECK(events.starts_with("t,event,client,reason\n"));
  CHECK(events.contains(",connect,\"x-s0\",\"\"\n"));
  CHECK(events.contains(",connect,\"x-p0\",\"\"\n"));
}

TEST_CASE("--metrics answers while the run goes on, on the loopback address unless told else") {
  BrokerProcess broker(kLite);
  Process process(bench(broker.port(), {"--duration", "60s", "--metrics", ":0"}));
  const auto line = process.wait_for_error("metrics on http://127.0.0.1:");
  REQUIRE(line);
  REQUIRE(process.wait_for_error("measure "));
  const std::string url = line->substr(line->find("http://"));
  const Exit page = support::run(
      {.argv = {"python3", "-c",
                "import sys,urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())",
                url}});
  CHECK(page.out.contains("mq_bench_connections 2\n"));
  CHECK(page.out.contains("mq_bench_clients 2\n"));
  process.signal(SIGINT);
  CHECK(process.wait().code == 130);
  const Exit bad = support::run(bench(broker.port(), {"--metrics", "9100"}));
  CHECK(bad.code == 2);
  CHECK(bad.err.contains("--metrics: '9100' is not a [ADDRESS]:PORT"));
}
