#!/bin/sh
# Starts mq-broker-lite on a free port, puts a preset's load on it, and fails the job when an assertion does or when
# the result fell behind a baseline.
#
# usage: broker-gate.sh [OPTION OF mq-bench run]...        broker-gate.sh --duration 30s --repeat 5
#
#   OUT       where result.json, junit.xml and summary.md go (.)
#   PRESET    a preset or a scenario's file (ci-smoke)
#   ASSERT    what must hold, with blanks between the conditions
#   BASELINE  the result.json of an earlier run; compared with if the file is there (baseline.json)
#   TOLERANCE how much worse than the baseline is good enough
#
# Exits with mq-bench's code: 0 good, 99 an assertion or the baseline failed, 5 the run is not to be believed (the
# machine was too busy, or the baseline is from another one), 2 usage, 3 and 4 the broker is gone.
set -eu
out=${OUT:-.}
baseline=${BASELINE:-baseline.json}
assertions=${ASSERT:-'loss==0 dup==0 e2e.p99<250ms rate.recv>=0.99*rate.expected'}
tolerance=${TOLERANCE:-'e2e.p99:+50%&+5ms, ack.p99:+50%&+5ms, rate.recv:-2%, loss:+0'}
mkdir -p "$out"
work=$(mktemp -d)
broker=
finish() {
  [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# Port 0 is any free one. The broker says "ready" when it listens; if it dies instead, there is nothing to read.
mkfifo "$work/ready"
mq-broker-lite -b 127.0.0.1 -p 0 --port-file "$work/port" --ready-fd 3 3>"$work/ready" 2>"$out/broker.log" &
broker=$!
if ! read -r _ <"$work/ready"; then
  cat "$out/broker.log" >&2
  exit 2
fi
read -r port <"$work/port"

set -- -h 127.0.0.1 -p "$port" \
  --json "$out/result.json" --junit "$out/junit.xml" --markdown "$out/summary.md" "$@"
if [ -f "$baseline" ]; then
  set -- --baseline "$baseline" --tolerance "$tolerance" "$@"
fi
set -f # Conditions may hold a *, which is no file.
for assertion in $assertions; do
  set -- --assert "$assertion" "$@"
done
rm -f "$out/summary.md"
status=0
mq-bench run "${PRESET:-ci-smoke}" "$@" || status=$?
exit "$status"
