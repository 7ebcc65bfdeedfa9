"""Our own subscriber, with the whole QoS 2 state kept over connections."""
import asyncio

from . import payload, wire
from .client import REFUSED, Client

HOLD = 0.005  # seconds, at most, that acknowledgements are held back, so that the broker's window fills


class Subscriber(Client):
    """Subscribes once; `subscribed` is set by the SUBACK. Writes every delivery into the ledger."""

    def __init__(self, name, combination, ledger, port, topic_filter="crash/#"):
        super().__init__(name, combination, ledger, port)
        self.topic_filter = topic_filter
        self.subscribed = asyncio.Event()
        self.received = set()  # QoS 2: ids between PUBREC and PUBREL
        self.held = []         # acknowledgements to be sent

    def on_connected(self, session_present):
        self.held.clear()
        if not session_present:
            self.received.clear()
        if not session_present or not self.subscribed.is_set():
            self.send(wire.subscribe(self.version, 1, self.topic_filter, self.qos))

    def on_packet(self, kind, flags, body):
        if kind == wire.PUBLISH:
            self._on_publish(wire.read_publish(self.version, flags, body))
        elif kind == wire.PUBREL:
            packet_id, _ = wire.read_answer(body)
            self.received.discard(packet_id)
            self._answer(wire.answer(wire.PUBCOMP, packet_id))
        elif kind == wire.CONNACK:
            self.take_connack(body)
        elif kind == wire.SUBACK:
            _, codes = wire.read_suback(self.version, body)
            if codes and codes[0] < REFUSED:
                self.subscribed.set()
            else:
                self.ledger.unfinished.append(f"subscription of {self.name} refused: {codes}")

    def _on_publish(self, message):
        if message.qos != 2:
            self._deliver(message)
            if message.qos == 1:
                self._answer(wire.answer(wire.PUBACK, message.packet_id))
            return
        if message.packet_id not in self.received:
            self.received.add(message.packet_id)
            self._deliver(message)
        self._answer(wire.answer(wire.PUBREC, message.packet_id))

    def _deliver(self, message):
        self.ledger.deliver(self.name, payload.parse(message.payload), message.retain)

    def _answer(self, data):
        """All answers in the order of what they answer."""
        self.held.append(data)
        if len(self.held) * 2 >= self.window:
            self._flush(self.connection)
        elif len(self.held) == 1:
            asyncio.get_running_loop().call_later(HOLD, self._flush, self.connection)

    def _flush(self, connection):
        if connection is self.connection and self.online.is_set():
            if self.held:
                self.send(b"".join(self.held))
            self.held.clear()
