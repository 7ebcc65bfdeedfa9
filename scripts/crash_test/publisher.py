"""Our own publisher: knows of every message how far it got."""
import asyncio
from dataclasses import dataclass

from . import payload, wire
from .client import REFUSED, Client

TURN = 0.01  # seconds between two looks at what is due


@dataclass
class Open:
    """A message between its first PUBLISH and the end of its handshake."""
    number: int
    is_released: bool = False  # QoS 2: PUBREC has come, PUBREL was sent


class Publisher(Client):
    """Sends numbered messages to a topic of its own, in bursts that fill the window.

    The lowest free packet id is taken, so that ids are used again at once: a broker that remembers a finished QoS 2
    handshake for too long, or forgets an unfinished one, then swallows or doubles a message."""

    def __init__(self, name, combination, ledger, port, **how):
        super().__init__(name, combination, ledger, port)
        self.topic = f"crash/{name}"
        self.size, self.rate = combination.size, how.get("rate", 0)
        self.burst, self.retain = min(self.window, how.get("burst", self.window)), how.get("retain", False)
        self.number = 0
        self.open_messages = {}          # packet id -> Open, in the order of the first PUBLISH
        self.due = 0.0                   # messages that the rate allows by now
        self.has_burst = asyncio.Event()  # set when a burst leaves; the killer waits for it
        self.pacer = None

    def open_count(self):
        return len(self.open_messages)

    def start(self):
        self.pacer = asyncio.ensure_future(self._pace())

    async def stop(self):
        """No new messages any more; those that are open go on."""
        if self.pacer:
            self.pacer.cancel()
            await asyncio.gather(self.pacer, return_exceptions=True)
        self.pacer, self.due = None, 0

    async def _pace(self):
        while True:
            await asyncio.sleep(TURN)
            if not self.online.is_set():
                continue
            self.due = min(self.due + self.rate * TURN, 2 * self.burst)
            if self.due >= self.burst:
                self.fill()

    def fill(self):
        room = min(self.window, self.receive_maximum)
        while self.due >= 1 and len(self.open_messages) < room:
            self.due -= 1
            self.number += 1
            packet_id = next(i for i in range(1, 65536) if i not in self.open_messages)
            self.open_messages[packet_id] = Open(self.number)
            self.ledger.send(self.name, self.number)
            self._publish(packet_id, self.number)
            self.has_burst.set()

    def _publish(self, packet_id, number, dup=False):
        body = payload.make(self.name, number, self.size)
        self.send(wire.publish(self.version, wire.Message(self.topic, body, self.qos, packet_id, self.retain, dup)))

    def on_connected(self, session_present):
        """What was open goes out again in its order. Without its old session the broker knows none of it: what it
        answered for is its own, the rest becomes new."""
        for packet_id, message in list(self.open_messages.items()):
            if message.is_released and session_present:
                self.send(wire.answer(wire.PUBREL, packet_id))
            elif message.is_released:
                del self.open_messages[packet_id]
            else:
                self._publish(packet_id, message.number, dup=session_present)

    def on_packet(self, kind, _flags, body):
        if kind == wire.CONNACK:
            self.take_connack(body)
        elif kind in (wire.PUBACK, wire.PUBREC, wire.PUBCOMP):
            packet_id, reason = wire.read_answer(body)
            if message := self.open_messages.get(packet_id):
                self._on_answer(kind, packet_id, reason, message)

    def _on_answer(self, kind, packet_id, reason, message):
        if kind == wire.PUBCOMP:
            # Also with 0x92, packet id not found: after a resent PUBREL that is an end, too.
            if message.is_released:
                del self.open_messages[packet_id]
        elif reason >= REFUSED:
            del self.open_messages[packet_id]
        elif kind == wire.PUBACK and self.qos == 1:
            self.ledger.acknowledge(self.name, message.number)
            del self.open_messages[packet_id]
        elif kind == wire.PUBREC and self.qos == 2:
            self.ledger.acknowledge(self.name, message.number)
            message.is_released = True
            self.send(wire.answer(wire.PUBREL, packet_id))
        self.fill()
