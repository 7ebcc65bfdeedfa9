#!/usr/bin/env python3
"""crash-test's verdict: made-up logs of a loss, a duplicate, a swap and a lost session must each be reported as that and
nothing else, and what the standard allows must not be. Beside it the test's own clients, without a socket."""
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from crash_test import payload, wire  # noqa: E402
from crash_test.ledger import FAULTS, Ledger, judge  # noqa: E402
from crash_test.publisher import Open, Publisher  # noqa: E402
from crash_test.run import share  # noqa: E402
from crash_test.scenario import KILOBYTE, Combination  # noqa: E402
from crash_test.subscriber import Subscriber  # noqa: E402


def ledger(numbers, acknowledged=(), first=1, last=None):
    """Publisher p, subscriber s; `numbers` is what s received, in order."""
    made = Ledger()
    made.send("p", 9)
    for number in acknowledged:
        made.acknowledge("p", number)
    made.expect("s", "p", first, last)
    for number in numbers:
        made.deliver("s", ("p", number))
    return made


def lost_session():
    made = ledger([1], [1])
    made.connack("s", existed=False, session_present=False)
    made.connack("s", existed=True, session_present=True)
    made.connack("s", existed=True, session_present=False)
    return made


def retained(*numbers, oldest=3):
    made = ledger([])
    made.acknowledge("p", oldest)
    made.expected.clear()
    made.expect_retained("s", "p")
    for number in numbers:
        made.deliver("s", ("p", number), retain=True)
    return made


def damaged(parsed):
    made = ledger([1], [1])
    made.deliver("s", parsed)
    return made


def with_note(name):
    made = ledger([1], [1])
    getattr(made, name).append("something")
    return made


# (name, ledger, QoS, the faults expected)
CASES = [
    ("everything came once and in order", ledger([1, 2, 3], [1, 2, 3]), 2, {}),
    ("nothing was sent", ledger([]), 2, {}),
    ("not acknowledged and not delivered", ledger([1, 3], [1, 3]), 2, {}),
    ("not acknowledged and delivered", ledger([1, 2, 3], [1, 3]), 2, {}),
    ("a loss", ledger([1, 3], [1, 2, 3]), 1, {"lost": 1}),
    ("two losses at the end", ledger([1], [1, 2, 3]), 2, {"lost": 2}),
    ("nothing came at all", ledger([], [1, 2]), 1, {"lost": 2}),
    ("acknowledged before the subscription", ledger([3], [1, 2, 3], first=3), 1, {}),
    ("acknowledged after the session's end", ledger([1, 2], [1, 2, 3], last=2), 1, {}),
    ("a loss within the session's time", ledger([2], [1, 2, 3, 4], first=2, last=3), 1, {"lost": 1}),
    ("a duplicate at QoS 2", ledger([1, 2, 2, 3], [1, 2, 3]), 2, {"duplicates": 1}),
    ("delivered three times at QoS 2", ledger([1, 2, 2, 2], [1, 2]), 2, {"duplicates": 2}),
    ("a duplicate of what was not acknowledged", ledger([1, 2, 2], [1]), 2, {"duplicates": 1}),
    ("a stretch repeated at QoS 1", ledger([1, 2, 3, 2, 3, 4], [1, 2, 3, 4]), 1, {}),
    ("the same at QoS 2", ledger([1, 2, 3, 2, 3, 4], [1, 2, 3, 4]), 2, {"duplicates": 2}),
    ("a swap", ledger([1, 3, 2, 4], [1, 2, 3, 4]), 1, {"order_breaks": 1}),
    ("a swap within a repeated stretch", ledger([1, 3, 1, 2, 3], [1, 2, 3]), 1, {"order_breaks": 1}),
    ("two came far too late", ledger([3, 4, 1, 2], [1, 2, 3, 4]), 2, {"order_breaks": 2}),
    ("a lost session", lost_session(), 2, {"sessions_lost": 1}),
    ("a retained message that was not there", retained(), 1, {"retained_lost": 1}),
    ("an older retained message", retained(2), 1, {"retained_lost": 1}),
    ("the retained message, twice", retained(3, 3), 2, {}),
    ("a newer retained message", retained(4), 1, {}),
    ("a payload that nobody sent", damaged(None), 1, {"damaged": 1}),
    ("a number that was never sent", damaged(("p", 10)), 1, {"damaged": 1}),
    ("a handshake without end", with_note("unfinished"), 1, {"unfinished": 1}),
    ("a broker that ended by itself", with_note("crashes"), 1, {"crashes": 1}),
]


def verdict_complaints():
    for name, made, qos, expected in CASES:
        verdict = judge(made, qos)
        found = {fault: count for fault in FAULTS if (count := getattr(verdict, fault))}
        if found != expected or verdict.is_clean() != (not expected):
            yield f"{name}: expected {expected}, got {found}"
        if sum(expected.values()) != len(verdict.details):
            yield f"{name}: told as {verdict.details}"


def payload_complaints():
    whole = payload.make("p", 7, 1000)
    if len(whole) != 1000 or b"\n" in whole or payload.parse(whole) != ("p", 7):
        yield "a payload does not come back"
    for at in range(0, 1000, 37):
        if payload.parse(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]) is not None:
            yield f"damage at {at} is not seen"
    if payload.parse(whole[:-1]) is not None or payload.parse(b"") is not None:
        yield "a torn payload is not seen"


def wire_complaints():
    """A PUBLISH cut at every place comes out of the framer once, and as it went in."""
    for version in (wire.V3, wire.V5):
        message = wire.Message("a/b", b"x" * 200, 2, 513, True, True)
        sent = wire.publish(version, message) + wire.answer(wire.PUBREL, 513)
        for cut in range(len(sent)):
            framer, packets = wire.Framer(), []
            for part in (sent[:cut], sent[cut:]):
                framer.feed(part)
                packets += framer.packets()
            if [packet[0] for packet in packets] != [wire.PUBLISH, wire.PUBREL]:
                yield f"cut at {cut}: {packets}"
            elif wire.read_publish(version, *packets[0][1:]) != message or wire.read_answer(packets[1][2]) != (513, 0):
                yield f"cut at {cut}: not the same message"


def client(kind, name):
    """A client of QoS 2 whose packets are kept, as (kind, packet id), instead of sent."""
    made = kind(name, Combination(wire.V5, 2, 1, KILOBYTE), Ledger(), 0)
    sent = []
    made.online.set()

    def keep(data):
        framer = wire.Framer()
        framer.feed(data)
        for kind, flags, body in framer.packets():
            message = wire.read_publish(wire.V5, flags, body) if kind == wire.PUBLISH else None
            sent.append((kind, message.packet_id, message.dup) if message else (kind, wire.read_answer(body)[0]))

    made.send = keep
    return made, sent


def subscriber_complaints():
    """Only a PUBREL makes a packet id new: not a second PUBLISH, and not a new connection."""
    subscriber, sent = client(Subscriber, "s")
    subscriber.subscribed.set()
    subscriber.ledger.send("p", 2)
    first, second = (wire.publish(wire.V5, wire.Message("t", payload.make("p", number, 50), 2, 7)) for number in (1, 2))
    for data in (first, first, None, first, wire.answer(wire.PUBREL, 7), second):
        framer = wire.Framer()
        framer.feed(data or b"")
        for packet in framer.packets():
            subscriber.on_packet(*packet)
        if data is None:
            subscriber.on_connected(session_present=True)
    if [number for number, _ in subscriber.ledger.delivered["s", "p"]] != [1, 2]:
        yield f"the subscriber delivered {dict(subscriber.ledger.delivered)}"
    if sent != [(wire.PUBREC, 7)] * 3 + [(wire.PUBCOMP, 7), (wire.PUBREC, 7)]:
        yield f"the subscriber sent {sent}"


def publisher_complaints():
    """A resumed session goes on where it was, in order; after a lost one, what PUBREC has answered is the broker's."""
    again = [(wire.PUBLISH, 2, True), (wire.PUBREL, 1), (wire.PUBLISH, 3, True)]
    anew = [(wire.PUBLISH, 2, False), (wire.PUBLISH, 3, False)]
    for is_present, expected in ((True, again), (False, anew)):
        publisher, sent = client(Publisher, "p")
        publisher.open_messages = {2: Open(4), 1: Open(5, is_released=True), 3: Open(6)}
        publisher.on_connected(is_present)
        if sent != expected:
            yield f"the publisher sent {sent}, session present {is_present}"


def share_complaints():
    for kills in (1, 2, 10, 20, 100, 1000):
        shares = share(kills)
        if sum(count for _, count in shares) != kills or len({combination for combination, _ in shares}) != len(shares):
            yield f"{kills} kills are shared as {shares}"
    if len(share(1000)) != 24:
        yield "1000 kills leave combinations out"


def main():
    complaints = [*verdict_complaints(), *payload_complaints(), *wire_complaints(), *subscriber_complaints(),
                  *publisher_complaints(), *share_complaints()]
    print("\n".join(complaints))
    return 1 if complaints else 0


sys.exit(main())
