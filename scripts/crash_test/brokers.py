"""The broker under test: how each kind is started on a port and a store, killed, and started again."""
import asyncio
import re
import shlex
import signal
import socket
import subprocess
from pathlib import Path

from . import process

START = 60          # seconds until a broker must accept connections; a large store takes time
STOP = 20           # seconds from SIGTERM to the end
ATTEMPTS = 5        # ports tried for the first start
MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location {directory}/
persistence_file mosquitto.db
autosave_interval 1
max_inflight_messages {window}
max_queued_messages 0
max_queued_bytes 0
log_dest stderr
"""


class BrokerFailure(Exception):
    """The broker cannot be used at all: the test says nothing about durability."""


def free_port(random):
    """Below the range that the kernel takes for outgoing connections, so that none sits on it while the broker is
    down."""
    ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(encoding="ascii").split()[0])
    while True:
        port = random.randrange(min(10000, ephemeral - 5000), ephemeral)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Kind:
    """How to start a broker: `ours`, `mosquitto`, or a command with {port}, {directory}, {window} and {config} (a
    mosquitto.conf made for it)."""

    def __init__(self, name, binaries, sync="full", has_store=True):
        self.name, self.sync, self.has_store = name, sync, has_store
        self.program = Path(binaries, "mq-broker-lite") if name == "ours" else shlex.split(name)[0]

    def problem(self):
        """Why this broker cannot be tested; None if it can."""
        option = "--help" if self.name == "ours" else "-h"
        try:
            run = subprocess.run([self.program, option], capture_output=True, text=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{self.program}: {error}"
        if self.name == "ours" and self.has_store and "--store" not in run.stdout:
            return f"{self.program} has no --store: it can be tested with --cut only"
        return None

    def version(self):
        option = "--version" if self.name == "ours" else "-h"
        run = subprocess.run([self.program, option], capture_output=True, text=True, timeout=20, check=False)
        return (run.stdout.splitlines() or [self.name])[0]

    def command(self, port, directory, window):
        config = Path(directory, "mosquitto.conf")
        config.write_text(MOSQUITTO.format(port=port, directory=directory, window=window), encoding="utf-8")
        if self.name == "ours":
            store = ["--store", Path(directory, "store"), "--store-sync", self.sync] if self.has_store else []
            return [self.program, "-p", port, *store, "--max-inflight-messages", window,
                    "--max-queued-messages", 0, "--max-queued-bytes", 0]
        if self.name == "mosquitto":
            return ["mosquitto", "-c", config]
        fields = {"port": port, "directory": directory, "window": window, "config": config}
        return [part.format(**fields) for part in shlex.split(self.name)]


class Broker:
    """One broker process at a time, always on the same port and store. Its log is DIRECTORY/broker.log."""

    def __init__(self, kind, directory, window, random):
        self.kind, self.directory, self.window, self.random = kind, directory, window, random
        self.log = Path(directory, "broker.log")
        self.port = 0
        self.process = None

    async def start_first(self):
        """Picks the port as well."""
        for attempt in range(ATTEMPTS):
            self.port = free_port(self.random)
            try:
                return await self.start()
            except BrokerFailure:
                if attempt + 1 == ATTEMPTS:
                    raise

    async def start(self):
        await self._launch()
        deadline = asyncio.get_running_loop().time() + START
        while not await self._accepts():
            if self.is_dead():
                raise BrokerFailure(f"the broker ended with {self.process.returncode} at its start: {self.last_words()}")
            if asyncio.get_running_loop().time() > deadline:
                raise BrokerFailure(f"the broker took no connection within {START} s: {self.last_words()}")
            await asyncio.sleep(0.005)

    async def start_in_vain(self, seconds):
        """Killed so soon that it may still be reading its store."""
        await self._launch()
        await asyncio.sleep(seconds)
        await self.kill()

    async def _launch(self):
        with self.log.open("ab") as log:
            self.process = await process.start(self.kind.command(self.port, self.directory, self.window),
                                               stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    async def _accepts(self):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return not self.is_dead()

    def is_dead(self):
        return self.process.returncode is not None

    async def kill(self):
        await process.end(self.process)

    async def terminate(self):
        """By SIGTERM; what was wrong about its end, None if nothing."""
        process.send(self.process, signal.SIGTERM)
        if not await process.exit_within(self.process, STOP):
            await process.end(self.process)
            return f"did not end within {STOP} s of SIGTERM"
        code = self.process.returncode
        return f"ended with {code} after SIGTERM" if code else None

    def last_words(self, lines=5):
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return " | ".join(re.sub(r"[^\x20-\x7e]", "?", line) for line in text.splitlines()[-lines:]) or "(no output)"

    async def close(self):
        if self.process:
            await process.end(self.process)
