"""The bytes of MQTT 3.1.1 and 5.0, as far as a test client needs them.

Written from the standard, without a line of libmqtt: a mistake that our broker and our tools share must show here."""
import struct
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBSCRIBE, SUBACK, DISCONNECT = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 14)

V3, V5 = 4, 5  # protocol levels

SESSION_EXPIRY, RECEIVE_MAXIMUM = 0x11, 0x21
FOR_EVER = 0xFFFFFFFF

# Widths of the properties that a broker may send; a text is a length and as many bytes, a pair is two texts.
WIDTHS = {0x01: 1, 0x02: 4, 0x11: 4, 0x13: 2, 0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1, 0x27: 4, 0x28: 1, 0x29: 1,
          0x2A: 1, 0x03: "text", 0x08: "text", 0x09: "text", 0x12: "text", 0x15: "text", 0x16: "text", 0x1A: "text",
          0x1C: "text", 0x1F: "text", 0x26: "pair", 0x0B: "variable"}


class Malformed(Exception):
    """The peer's bytes are not MQTT."""


@dataclass
class Message:
    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0
    retain: bool = False
    dup: bool = False


def variable(number):
    out = bytearray()
    while True:
        number, digit = number >> 7, number & 0x7F
        out.append(digit | 0x80 if number else digit)
        if not number:
            return bytes(out)


def text(value):
    raw = value.encode()
    return struct.pack("!H", len(raw)) + raw


def packet(kind, flags, *parts):
    return bytes([kind << 4 | flags]) + variable(sum(map(len, parts))) + b"".join(parts)


def properties(version, body=b""):
    return variable(len(body)) + body if version == V5 else b""


def connect(version, client_id, *, clean, receive_maximum=None):
    """A session of MQTT 5.0 that is not clean never expires by itself."""
    asked = b""
    if not clean:
        asked += struct.pack("!BI", SESSION_EXPIRY, FOR_EVER)
    if receive_maximum:
        asked += struct.pack("!BH", RECEIVE_MAXIMUM, receive_maximum)
    head = text("MQTT") + struct.pack("!BBH", version, 2 if clean else 0, 0)
    return packet(CONNECT, 0, head, properties(version, asked), text(client_id))


def subscribe(version, packet_id, topic_filter, qos):
    return packet(SUBSCRIBE, 2, struct.pack("!H", packet_id), properties(version), text(topic_filter), bytes([qos]))


def publish(version, message):
    flags = (8 if message.dup else 0) | message.qos << 1 | message.retain
    return packet(PUBLISH, flags, text(message.topic), struct.pack("!H", message.packet_id), properties(version),
                  message.payload)


def answer(kind, packet_id):
    """PUBACK, PUBREC, PUBREL or PUBCOMP that says success: two bytes are enough in both versions."""
    return packet(kind, 2 if kind == PUBREL else 0, struct.pack("!H", packet_id))


def disconnect():
    return packet(DISCONNECT, 0)


class Framer:
    """Bytes in, whole packets out: (kind, flags, body)."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data

    def packets(self):
        buffer, at = self.buffer, 0
        while (end := self._end(at)) is not None:
            start, stop = end
            yield buffer[at] >> 4, buffer[at] & 15, bytes(buffer[start:stop])
            at = stop
        del buffer[:at]

    def _end(self, at):
        """Where the body of the packet at `at` starts and stops; None until all of it is there."""
        length = shift = 0
        for index in range(at + 1, min(at + 5, len(self.buffer))):
            digit = self.buffer[index]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                stop = index + 1 + length
                return (index + 1, stop) if stop <= len(self.buffer) else None
        if len(self.buffer) - at >= 5:
            raise Malformed("remaining length of more than four bytes")
        return None


def read_variable(body, at):
    value = shift = 0
    while True:
        digit = body[at]
        value, shift, at = value | (digit & 0x7F) << shift, shift + 7, at + 1
        if digit < 0x80:
            return value, at


def read_properties(body, at):
    """The numbers among the properties, and where they end."""
    length, at = read_variable(body, at)
    end, found = at + length, {}
    while at < end:
        identifier, width = body[at], WIDTHS.get(body[at])
        at += 1
        if width is None:
            raise Malformed(f"property {identifier:#x}")
        if width == "variable":
            found[identifier], at = read_variable(body, at)
        elif isinstance(width, int):
            found[identifier], at = int.from_bytes(body[at:at + width], "big"), at + width
        else:
            for _ in range(2 if width == "pair" else 1):
                at += 2 + int.from_bytes(body[at:at + 2], "big")
    return found, end


@dataclass
class Connack:
    session_present: bool
    reason: int
    receive_maximum: int


def read_connack(version, body):
    found = read_properties(body, 2)[0] if version == V5 else {}
    return Connack(bool(body[0] & 1), body[1], found.get(RECEIVE_MAXIMUM, 65535))


def read_publish(version, flags, body):
    qos = flags >> 1 & 3
    size = int.from_bytes(body[:2], "big")
    topic, at = body[2:2 + size].decode(), 2 + size
    packet_id = 0
    if qos:
        packet_id, at = int.from_bytes(body[at:at + 2], "big"), at + 2
    if version == V5:
        at = read_properties(body, at)[1]
    return Message(topic, body[at:], qos, packet_id, bool(flags & 1), bool(flags & 8))


def read_answer(body):
    """Packet id and reason code of a PUBACK, PUBREC, PUBREL or PUBCOMP."""
    return int.from_bytes(body[:2], "big"), body[2] if len(body) > 2 else 0


def read_suback(version, body):
    """Packet id and the return or reason codes."""
    at = read_properties(body, 2)[1] if version == V5 else 2
    return int.from_bytes(body[:2], "big"), list(body[at:])
