"""One combination: a broker, every kind of client, kills at random moments, and what came of it."""
import asyncio
import itertools
import random
from dataclasses import dataclass

from . import wire
from .brokers import Broker, BrokerFailure
from .ledger import judge, note
from .proxy import Proxy
from .publisher import Publisher
from .subscriber import Subscriber
from .tools import OneShots, ToolPublisher, ToolSubscriber

QUIET = 15         # seconds without any progress after which what is missing counts as lost
BURST_WAIT = 0.5   # seconds, at most, that a kill waits for a burst
# mq-pub and mq-sub end when a 3.x server closes ten connections in a row that are not 5 s old: two clients with one id
# look like that. So every LONG_EVERY lives one is long enough.
LONG_EVERY, LONG_LIFE = 7, 7.0
KILOBYTE, MEGABYTE = 1000, 1000 * 1000


@dataclass(frozen=True)
class Combination:
    version: int
    qos: int
    window: int
    size: int

    @property
    def version_name(self):
        return "5" if self.version == wire.V5 else "3.1.1"

    @property
    def size_name(self):
        return "1 MB" if self.size == MEGABYTE else "1 kB"

    def __str__(self):
        return f"{self.version_name}, QoS {self.qos}, window {self.window}, {self.size_name}"


def combinations():
    """All, in an order that makes the first few differ in everything."""
    versions, levels, windows = (wire.V3, wire.V5), (1, 2), (60, 20, 1)
    every = [Combination(*row) for row in itertools.product(versions, levels, windows, (KILOBYTE, MEGABYTE))]
    first = [Combination(wire.V5, 2, 20, KILOBYTE), Combination(wire.V3, 1, 60, MEGABYTE),
             Combination(wire.V3, 2, 60, KILOBYTE), Combination(wire.V5, 1, 1, KILOBYTE),
             Combination(wire.V5, 2, 60, MEGABYTE), Combination(wire.V3, 1, 20, KILOBYTE)]
    return first + [combination for combination in every if combination not in first]


@dataclass(frozen=True)
class Plan:
    """What is the same for all combinations."""
    kind: object        # brokers.Kind
    binaries: str       # where mq-pub and mq-sub are
    clients: str        # own, tools or both
    uptime: float       # mean seconds between two kills
    terms: int          # percent of SIGTERM among the kills
    cut: bool           # connections are cut, the broker is left alone


class Scenario:
    def __init__(self, plan, combination, kills, seed, directory):
        self.plan, self.combination, self.kills, self.directory = plan, combination, kills, directory
        self.random = random.Random(f"{seed}/{combination}")
        # The port is no part of what a seed repeats.
        self.broker = Broker(plan.kind, directory, combination.window, random.Random())
        self.proxy = None
        self.ledger = None
        self.publishers, self.tool_publishers = [], []
        self.live, self.offline = [], []       # own subscribers
        self.tool_live, self.tool_offline = [], []
        self.latecomers = set()                # tasks
        self.next_life = asyncio.Event()
        self.names_of_latecomers = itertools.count(1)
        self.done = self.open_messages = 0     # kills, and what was under way when they came

    async def run(self, ledger, end_at=None):
        """The verdict. `end_at`: when, by the loop's clock, no further kill is to come."""
        self.ledger = ledger
        try:
            await self.broker.start_first()
            if self.plan.cut:
                self.proxy = Proxy(self.broker.port)
                await self.proxy.open()
            self._make_clients(self.proxy.port if self.proxy else self.broker.port)
            await self._start_subscribers()
            await self._start_publishers()
            try:
                await self._kill_all(end_at)
                await self._drain()
            except BrokerFailure as error:
                self.ledger.crashes.append(f"{error}, life {self.ledger.life}")
            return self._verdict()
        finally:
            await self._close()

    # ---- clients -----------------------------------------------------------------------------------

    def _make_clients(self, port):
        is_large = self.combination.size == MEGABYTE
        burst = min(self.combination.window, 6 if is_large else 60)
        own, tool, kept, once = (10, 6, 1, 1) if is_large else (400, 300, 20, 4)
        common = (self.combination, self.ledger, port)
        if self.plan.clients != "tools":
            self.publishers += [Publisher("own", *common, rate=own, burst=burst)]
            self.live += [Subscriber("own-live", *common)]
            self.offline += [Subscriber("own-offline", *common)]
        # The retained messages, and the moments of the kills, need a client that knows what it does.
        self.publishers += [Publisher("kept", *common, rate=kept, burst=1, retain=True)]
        if self.plan.clients != "own":
            binaries = self.plan.binaries
            self.tool_publishers += [ToolPublisher("tool", binaries, *common, tool, burst),
                                     OneShots("once", binaries, *common, once)]
            self.tool_live += [ToolSubscriber("tool-live", binaries, *common, self.directory)]
            self.tool_offline += [ToolSubscriber("tool-offline", binaries, *common, self.directory)]

    def _all_publishers(self):
        return self.publishers + self.tool_publishers

    async def _start_subscribers(self):
        own = self.live + self.offline
        for subscriber in own:
            subscriber.open()
        for subscriber in self.tool_offline:
            await subscriber.make_session()
        for subscriber in self.tool_live:
            await subscriber.listen()
            await subscriber.wait_ready()
        await self._all(own, "subscribed")
        for subscriber in self.offline:
            await subscriber.close()
        for subscriber in own + self.tool_live + self.tool_offline:
            for publisher in self._all_publishers():
                self.ledger.expect(subscriber.name, publisher.name)

    async def _start_publishers(self):
        for publisher in self.publishers:
            publisher.open()
        await self._all(self.publishers, "online")
        for publisher in self.publishers:
            publisher.start()
        for publisher in self.tool_publishers:
            await publisher.start()

    async def _all(self, clients, event):
        try:
            await asyncio.wait_for(asyncio.gather(*(getattr(one, event).wait() for one in clients)), QUIET)
        except asyncio.TimeoutError:
            late = ", ".join(one.name for one in clients if not getattr(one, event).is_set())
            raise BrokerFailure(f"{late} not {event} within {QUIET} s: {self.broker.last_words()}") from None

    # ---- kills -------------------------------------------------------------------------------------

    async def _kill_all(self, end_at):
        while self.done < self.kills and (end_at is None or asyncio.get_running_loop().time() < end_at):
            await self._begin_life(is_last=self.done + 1 == self.kills)
            await self._uptime()
            self.open_messages += sum(one.open_count() for one in self._all_publishers())
            self.done += 1
            await self._kill()

    async def _begin_life(self, is_last):
        for subscriber in self.offline:
            if self.random.random() < 0.5:
                if subscriber.task:
                    await subscriber.close(clean=self.random.random() < 0.5)
                else:
                    subscriber.open()
        if is_last:
            for subscriber in self.tool_offline:
                await subscriber.listen()
        if len(self.latecomers) < 2:
            task = asyncio.ensure_future(self._come_late(f"late-{next(self.names_of_latecomers)}"))
            self.latecomers.add(task)
            task.add_done_callback(self.latecomers.discard)

    async def _uptime(self):
        mean = self.plan.uptime
        if self.tool_live and self.combination.version == wire.V3 and self.done % LONG_EVERY == LONG_EVERY - 1:
            await asyncio.sleep(LONG_LIFE)
        if self.random.random() < 0.15:  # while everybody connects again
            await asyncio.sleep(self.random.uniform(0, 0.15))
            return
        await asyncio.sleep(self.random.uniform(0.1 * mean, 1.9 * mean))
        if self.random.random() < 0.7:
            await self._burst()
            await asyncio.sleep(self.random.uniform(0, 0.004))

    async def _burst(self):
        """The next one of the first publisher: a kill in its midst finds windows full."""
        event = self.publishers[0].has_burst
        event.clear()
        await asyncio.wait((asyncio.ensure_future(event.wait()),), timeout=BURST_WAIT)
        event.set()

    async def _kill(self):
        if self.proxy:
            self.proxy.cut()
            self.ledger.life += 1
        else:
            await self._end_broker()
            self.ledger.life += 1
            await self.broker.start()
        self.next_life.set()
        self.next_life = asyncio.Event()

    async def _end_broker(self):
        if self.broker.is_dead():
            self.ledger.crashes.append(f"the broker ended by itself in life {self.ledger.life}, with "
                                       f"{self.broker.process.returncode}: {self.broker.last_words()}")
        elif self.random.random() * 100 < self.plan.terms:
            if problem := await self.broker.terminate():
                self.ledger.crashes.append(f"the broker {problem}, life {self.ledger.life}")
        else:
            await self.broker.kill()
            if self.random.random() < 0.15:
                self.ledger.life += 1
                await self.broker.start_in_vain(self.random.uniform(0, 0.05))

    async def _come_late(self, name):
        """A session made in the middle of everything: once CONNACK and SUBACK have come, it must be there after the
        next kill, with all that was acknowledged since, and with what was retained before."""
        subscriber = Subscriber(name, self.combination, self.ledger, self._port())
        try:
            self.ledger.expect_retained(name, "kept")
            subscriber.open()
            await subscriber.subscribed.wait()
            first = {one.name: one.number + 1 for one in self._all_publishers()}
            await subscriber.close(clean=self.random.random() < 0.5)
            await self.next_life.wait()
            subscriber.open()
            await subscriber.online.wait()
            for publisher, number in first.items():
                last = max(self.ledger.acknowledged[publisher], default=0)
                self.ledger.expect(name, publisher, number, last)
            while self._lacks(name) or self.ledger.lacks_retained(name, "kept"):
                await asyncio.sleep(0.1)
            await subscriber.forget()
        finally:
            await subscriber.close()

    def _port(self):
        return self.proxy.port if self.proxy else self.broker.port

    # ---- the end -----------------------------------------------------------------------------------

    async def _drain(self):
        """Nobody begins anything any more; all that was begun is brought to its end."""
        self.next_life.set()
        for subscriber in self.offline:
            if not subscriber.task:
                subscriber.open()
        for subscriber in self.tool_offline:
            if not subscriber.is_listening:
                await subscriber.listen()
        await asyncio.gather(*(publisher.stop() for publisher in self.publishers),
                             *(publisher.stop(2 * QUIET) for publisher in self.tool_publishers))
        if not await self._until(lambda: not any(one.open_messages for one in self.publishers)):
            self.ledger.unfinished += [f"{one.name} {message.number}: {'PUBREL' if message.is_released else 'PUBLISH'} "
                                       "was never answered"
                                       for one in self.publishers for message in one.open_messages.values()]
        await self._until(lambda: not self.latecomers and not self._lacks())
        if self.latecomers:
            self.ledger.unfinished.append("a session that was made late did not get what it ought to")

    def _lacks(self, subscriber=None):
        """Whether anything is missing, for that subscriber or for any."""
        return any(self.ledger.missing(*pair) for pair in list(self.ledger.expected)
                   if subscriber in (None, pair[0]))

    async def _until(self, is_done):
        """False when nothing has moved for QUIET seconds, and it is not done."""
        clock = asyncio.get_running_loop().time
        before, since = None, clock()
        while not is_done():
            await asyncio.sleep(0.1)
            now = (sum(map(len, self.ledger.arrived.values())), sum(len(one.open_messages) for one in self.publishers),
                   sum(map(len, self.ledger.acknowledged.values())), len(self.latecomers))
            if now != before:
                before, since = now, clock()
            elif clock() - since > QUIET:
                return False
        return True

    def _verdict(self):
        for tool in self.tool_live + self.tool_offline:
            if tool.is_listening and tool.process.returncode is not None:
                self.ledger.unfinished.append(f"{tool.name}: mq-sub ended with {tool.process.returncode}: "
                                              f"{tool.last_trace}")
        verdict = judge(self.ledger, self.combination.qos)
        verdict.kills, verdict.open = self.done, self.open_messages
        if self.broker.is_dead() and not self.ledger.crashes:
            note(verdict, "crashes", [f"the broker ended by itself at the end: {self.broker.last_words()}"])
        return verdict

    async def _close(self):
        for task in list(self.latecomers):
            task.cancel()
        await asyncio.gather(*self.latecomers, return_exceptions=True)
        for client in self.publishers + self.live + self.offline:
            await client.close()
        for publisher in self.publishers:
            await publisher.stop()
        for tool in self.tool_publishers + self.tool_live + self.tool_offline:
            await tool.close()
        if self.proxy:
            await self.proxy.close()
        await self.broker.close()
