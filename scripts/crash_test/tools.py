"""mq-pub and mq-sub as clients: processes that live through every kill, and processes that live for one message."""
import asyncio
import re
import subprocess
from pathlib import Path

from . import payload, process
from .brokers import BrokerFailure

READY = 20                      # seconds for a connection, and for a subscription to hold
CONNACK = re.compile(rb"received CONNACK.*session present ([01])")
TURN = 0.05


class Tool:
    """One run of a tool; reads the session present flags that its -d tells."""

    def __init__(self, name, program, combination, ledger, port):
        self.name, self.ledger, self.combination, self.size = name, ledger, combination, combination.size
        self.command = [program, "-h", "127.0.0.1", "-p", port, "-V", combination.version_name, "-q", combination.qos]
        self.lasting = ["-c", "-i", name, "-M", combination.window]
        self.has_session = False
        self.connected = asyncio.Event()
        self.last_trace = "(no output)"
        self.process = None
        self.tasks = []

    async def launch(self, arguments, **streams):
        """Returns once it is connected: a first connection that fails would end it."""
        self.connected.clear()
        self.process = await process.start(self.command + arguments, stderr=subprocess.PIPE, **streams)
        self.tasks.append(asyncio.ensure_future(self._read_trace()))
        try:
            await asyncio.wait_for(self.connected.wait(), READY)
        except asyncio.TimeoutError:
            raise BrokerFailure(f"{self.name}: not connected within {READY} s, {self.last_trace}") from None

    async def _read_trace(self):
        async for line in self.process.stderr:
            self.last_trace = repr(line[:120])
            if found := CONNACK.search(line):
                self.ledger.connack(self.name, self.has_session, found[1] == b"1")
                self.has_session = True
                self.connected.set()
            else:
                self.on_trace(line)

    def on_trace(self, line):
        """Another line of -d."""

    async def close(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.process:
            await process.end(self.process)


class ToolPublisher(Tool):
    """mq-pub -l with a lasting session. The lines that mq-pub has not delivered yet are bounded by `most_open`; when
    it ends with 0 all of its lines were acknowledged."""

    def __init__(self, name, binaries, combination, ledger, port, rate, burst):
        super().__init__(name, Path(binaries, "mq-pub"), combination, ledger, port)
        self.rate, self.burst, self.most_open = rate, burst, 4 * burst
        self.number = self.delivered = 0

    async def start(self):
        await self.launch([*self.lasting, "-t", f"crash/{self.name}", "-l", "-d"], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL)
        self.tasks.append(asyncio.ensure_future(self._feed()))

    async def _feed(self):
        """Bursts, so that the window fills."""
        while True:
            await asyncio.sleep(self.burst / self.rate)
            for _ in range(min(self.burst, self.most_open - self.number + self.delivered)):
                self.number += 1
                self.ledger.send(self.name, self.number)
                self.process.stdin.write(payload.make(self.name, self.number, self.size) + b"\n")
            try:
                await self.process.stdin.drain()
            except ConnectionError:
                return  # stop() tells that it has ended.

    def open_count(self):
        return self.number - self.delivered

    def on_trace(self, line):
        """Acknowledgements come in the order of the messages: the standard asks it of every broker."""
        if b"delivered to" in line:
            self.delivered += 1
            self.ledger.acknowledge(self.name, self.delivered)

    async def stop(self, patience):
        """Ends the input; mq-pub ends when everything was delivered."""
        self.tasks.pop().cancel()
        self.process.stdin.close()
        if not await process.exit_within(self.process, patience):
            self.ledger.unfinished.append(f"{self.name}: mq-pub had delivered {self.delivered} of {self.number} when "
                                          f"no kill came any more, and delivered no more within {patience} s")
            return
        await asyncio.gather(*self.tasks, return_exceptions=True)  # the rest of the trace
        if self.process.returncode or self.delivered != self.number:
            self.ledger.unfinished.append(f"{self.name}: mq-pub ended with {self.process.returncode}, "
                                          f"{self.delivered} of {self.number} delivered")


class OneShots(Tool):
    """One mq-pub after the other, each for one message and with no second attempt: exit code 0 is the
    acknowledgement."""

    def __init__(self, name, binaries, combination, ledger, port, rate):
        super().__init__(name, Path(binaries, "mq-pub"), combination, ledger, port)
        self.pause, self.number, self.is_over = 1 / rate, 0, False

    def open_count(self):
        return int(self.process is not None and self.process.returncode is None)

    async def start(self):
        self.tasks.append(asyncio.ensure_future(self._run()))

    async def _run(self):
        while not self.is_over:
            self.number += 1
            self.ledger.send(self.name, self.number)
            self.process = await process.start(
                self.command + ["-t", f"crash/{self.name}", "-s", "--no-retry"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            await self.process.communicate(payload.make(self.name, self.number, self.size))
            if self.process.returncode == 0:
                self.ledger.acknowledge(self.name, self.number)
            await asyncio.sleep(self.pause)

    async def stop(self, patience):
        self.is_over = True
        _, late = await asyncio.wait(self.tasks, timeout=patience)
        if late:
            self.ledger.unfinished.append(f"{self.name}: mq-pub did not end within {patience} s")


class ToolSubscriber(Tool):
    """mq-sub with a lasting session. An offline one makes its session, ends, and receives later with listen()."""

    def __init__(self, name, binaries, combination, ledger, port, directory):
        super().__init__(name, Path(binaries, "mq-sub"), combination, ledger, port)
        self.ready = Path(directory, f"{name}.ready")
        self.is_listening = False

    def _arguments(self):
        return [*self.lasting, "-t", "crash/#", "-d"]

    async def make_session(self):
        await self.launch([*self._arguments(), "-E"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if not await process.exit_within(self.process, READY) or self.process.returncode:
            raise BrokerFailure(f"{self.name}: mq-sub -E did not subscribe within {READY} s")
        await asyncio.gather(*self.tasks)
        self.tasks.clear()

    async def listen(self):
        self.is_listening = True
        await self.launch([*self._arguments(), "-F", "%r %p", "--ready-file", self.ready],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.tasks.append(asyncio.ensure_future(self._read_messages()))

    async def wait_ready(self):
        for _ in range(int(READY / TURN)):
            if self.ready.exists():
                return
            await asyncio.sleep(TURN)
        raise BrokerFailure(f"{self.name}: mq-sub did not subscribe within {READY} s")

    async def _read_messages(self):
        async for line in self.process.stdout:
            self.ledger.deliver(self.name, payload.parse(line[2:-1]), line[:1] == b"1")
