#!/usr/bin/env python3
"""check-layers finds every kind of violation, names its line, and finds nothing in clean code."""
import subprocess
import sys
import tempfile
from pathlib import Path

CHECK = Path(__file__).resolve().parents[2] / "scripts" / "check-layers"


def body(lines):
    return "  f();\n" * lines


# (path, content, the line and a part of the text of the one violation expected; None: clean)
CASES = [
    ("libmqtt/codec/a.cpp", '#include "libmqtt/base/bytes.hpp"\n#include <vector>\n', None),
    ("libmqtt/codec/a.cpp", '\n#include "libmqtt/session/event.hpp"\n', (2, "libmqtt/codec may not include")),
    ("libmqtt/client/a.cpp", '#include "libmqtt/broker/broker.hpp"\n', (1, "may not include")),
    ("tools/mq-pub/a.cpp", '#include "tools/mq-sub/options.hpp"\n', (1, "may not include")),
    ("tools/mq-broker-lite/a.cpp", '#include "libmqtt/server/server.hpp"\n', None),
    ("libmqtt/base/a.cpp", '#include "tests/support/pair.hpp"\n', (1, "product code includes")),
    ("libmqtt/base/a.cpp", '#include "bytes.hpp"\n', (1, "repository root")),
    ("libmqtt/session/a.cpp", "#include <thread>\n", (1, "pure layer includes <thread>")),
    ("libmqtt/session/a.cpp", "#include <unistd.h>\n", (1, "pure layer includes <unistd.h>")),
    ("libmqtt/net/a.cpp", "#include <asio/post.hpp>\n", (1, "belongs in libmqtt/net/asio.hpp")),
    ("libmqtt/broker/a.cpp", "#include <fmt/format.h>\n", (1, "belongs in")),
    ("libmqtt/session/a.cpp", "auto now() { return std::chrono::steady_clock::now(); }\n", (1, "uses steady_clock")),
    ("libmqtt/session/a.cpp", '// not a steady_clock\nauto text = "getenv";\n', (2, "mutable static")),
    ("libmqtt/broker/a.cpp", "int f() {\n  static int calls = 0;\n  return ++calls;\n}\n", (2, "mutable static")),
    ("libmqtt/broker/a.cpp", "std::vector<int> cache;\n", (1, "mutable static")),
    ("libmqtt/broker/a.cpp", "static constexpr int kSize = 3;\nstatic int f(int a = 1) { return a; }\n", None),
    ("libmqtt/base/a.hpp", "struct A {};\n", (1, "without #pragma once")),
    ("libmqtt/net/a.cpp", "// TO" + "DO later\n", (1, "unfinished")),
    ("libmqtt/net/a.cpp", "int a;\n" * 501, (501, "a file of 501 lines")),
    ("libmqtt/net/a.cpp", "void g() {\n" + body(59) + "}\n", (1, "a function of 61 lines")),
    ("libmqtt/net/a.cpp", "struct S {\n  void g() {\n" + body(59) + "  }\n};\n", (2, "a function of 61 lines")),
    ("libmqtt/net/a.cpp", "struct S {\n" + body(60) + "};\n", None),
    ("libmqtt/net/a.cpp", "class alignas(64) S {\n" + body(60) + "};\n", None),
    ("libmqtt/net/a.cpp", "void g() {\n  auto brace = '{';\n" + body(57) + "}\n", None),
    ("tests/net/a_test.cpp", "void g() { std::this_thread::sleep_for(1s); }\n", (1, "a test sleeps")),
]


def complaint(path, content, expected):
    """What is wrong with check-layers' verdict on a tree with this one file; None if nothing."""
    with tempfile.TemporaryDirectory() as root:
        file = Path(root, path)
        file.parent.mkdir(parents=True)
        file.write_text(content, encoding="utf-8")
        run = subprocess.run([CHECK, root], capture_output=True, text=True)
    lines = run.stdout.splitlines()
    if expected is None:
        is_right = run.returncode == 0 and not lines
    else:
        line, text = expected
        is_right = run.returncode == 1 and len(lines) == 1 and lines[0].startswith(f"{path}:{line}: ") and text in lines[0]
    return None if is_right else f"{path} {content[:60]!r}: expected {expected}, got {run.returncode} {run.stdout}{run.stderr}"


def main():
    complaints = [text for case in CASES if (text := complaint(*case))]
    print("\n".join(complaints))
    return 1 if complaints else 0


sys.exit(main())
