"""What happened in one combination, and the verdict on it. Pure: no clock, no socket."""
from collections import defaultdict
from dataclasses import asdict, dataclass, field

FAULTS = ("lost", "duplicates", "sessions_lost", "order_breaks", "retained_lost", "damaged", "unfinished", "crashes")
MOST_DETAILS = 5  # of each kind


@dataclass
class Verdict:
    """The sums of one or several combinations; every one of FAULTS must be 0."""
    kills: int = 0
    acknowledged: int = 0  # messages
    deliveries: int = 0
    open: int = 0          # messages under way between publisher and broker at the moments of the kills
    repeats: int = 0       # QoS 1 messages delivered again, which is allowed
    lost: int = 0          # acknowledged, and never delivered to a subscriber whose session existed: once for each of them
    duplicates: int = 0    # QoS 2 messages delivered again
    sessions_lost: int = 0
    order_breaks: int = 0
    retained_lost: int = 0  # the retained message of a topic was older than an acknowledged one, or missing
    damaged: int = 0       # never sent like this, or no MQTT at all
    unfinished: int = 0    # handshakes that the broker did not bring to an end, clients that it did not let in again
    crashes: int = 0       # the broker ended by itself, or not as SIGTERM should make it
    details: list = field(default_factory=list)

    def is_clean(self):
        return not any(getattr(self, name) for name in FAULTS)

    def add(self, other):
        for name, value in asdict(other).items():
            if name != "details":
                setattr(self, name, getattr(self, name) + value)


class Ledger:
    """Written by the clients while they run. Names are those of publishers (each with its own topic) and subscribers;
    numbers begin at 1 and rise with every message of a publisher."""

    def __init__(self):
        self.life = 1                             # how often the broker has been started: dates what is written
        self.acknowledged = defaultdict(dict)     # publisher -> {number: life}
        self.sent = defaultdict(int)              # publisher -> highest number that left
        self.delivered = defaultdict(list)        # (subscriber, publisher) -> [(number, life)]
        self.retained = defaultdict(set)          # (subscriber, publisher) -> numbers that came as retained messages
        self.arrived = defaultdict(set)           # (subscriber, publisher) -> numbers of both
        self.expected = {}                        # (subscriber, publisher) -> (first number, last number or None)
        self.retained_due = {}                    # (subscriber, publisher) -> the oldest number that will do
        self.sessions = []                        # (client, life) of each session that was not there any more
        self.damage = []
        self.unfinished = []
        self.crashes = []

    def send(self, publisher, number):
        self.sent[publisher] = max(self.sent[publisher], number)

    def acknowledge(self, publisher, number):
        self.acknowledged[publisher].setdefault(number, self.life)

    def deliver(self, subscriber, parsed, retain=False):
        """`parsed`: (publisher, number), or None for a payload that nobody sent. Messages with the retain flag answer
        a subscription: they may come again, and among others."""
        if parsed is None or parsed[1] > self.sent[parsed[0]]:
            self.damage.append(f"{subscriber} received what nobody sent: {parsed}, life {self.life}")
            return
        publisher, number = parsed
        self.arrived[subscriber, publisher].add(number)
        if retain:
            self.retained[subscriber, publisher].add(number)
        else:
            self.delivered[subscriber, publisher].append((number, self.life))

    def expect(self, subscriber, publisher, first=1, last=None):
        """The subscription holds from `first` on, and its session at least until `last` was acknowledged."""
        self.expected[subscriber, publisher] = (first, last)

    def expect_retained(self, subscriber, publisher):
        """Called before the subscription is sent: it brings what is acknowledged by now, or something newer."""
        oldest = max(self.acknowledged[publisher], default=0)
        if oldest:
            self.retained_due[subscriber, publisher] = oldest

    def lacks_retained(self, subscriber, publisher):
        oldest = self.retained_due.get((subscriber, publisher), 0)
        return max(self.retained[subscriber, publisher], default=0) < oldest

    def connack(self, client, existed, session_present):
        if existed and not session_present:
            self.sessions.append((client, self.life))

    def missing(self, subscriber, publisher):
        """Numbers, in order, that were acknowledged and ought to have been delivered."""
        first, last = self.expected[subscriber, publisher]
        acknowledged, arrived = self.acknowledged[publisher], self.arrived[subscriber, publisher]
        end = self.sent[publisher] if last is None else last
        return [number for number in range(first, end + 1) if number in acknowledged and number not in arrived]


def repeated(deliveries):
    """(number, life, life of the first time) of each delivery after a message's first."""
    first = {}
    for number, life in deliveries:
        if number in first:
            yield number, life, first[number]
        else:
            first[number] = life


def overtaken(deliveries):
    """(number, life, the higher number before it) of each first delivery that came too late. QoS 1 may go back and
    repeat a stretch, so only first deliveries have an order."""
    seen, highest = set(), 0
    for number, life in deliveries:
        if number in seen:
            continue
        seen.add(number)
        if number < highest:
            yield number, life, highest
        highest = max(highest, number)


def judge(ledger, qos):
    """The verdict on what publishers and subscribers of this QoS wrote."""
    verdict = Verdict(acknowledged=sum(map(len, ledger.acknowledged.values())),
                      deliveries=sum(map(len, ledger.delivered.values())))
    judge_losses(ledger, verdict)
    judge_deliveries(ledger, verdict, qos)
    judge_retained(ledger, verdict)
    note(verdict, "sessions_lost", (f"session of {client} gone in life {life}" for client, life in ledger.sessions))
    note(verdict, "damaged", ledger.damage)
    note(verdict, "unfinished", ledger.unfinished)
    note(verdict, "crashes", ledger.crashes)
    return verdict


def note(verdict, fault, texts):
    """Counts the texts as that fault, and keeps the first few."""
    texts = list(texts)
    setattr(verdict, fault, getattr(verdict, fault) + len(texts))
    kept = sum(line.startswith(fault + ": ") for line in verdict.details)
    verdict.details += [f"{fault}: {text}" for text in texts[:max(MOST_DETAILS - kept, 0)]]


def judge_losses(ledger, verdict):
    for subscriber, publisher in ledger.expected:
        note(verdict, "lost", (f"{publisher} {number}, acknowledged in life {ledger.acknowledged[publisher][number]}, "
                               f"never reached {subscriber}" for number in ledger.missing(subscriber, publisher)))


def judge_deliveries(ledger, verdict, qos):
    for (subscriber, publisher), deliveries in ledger.delivered.items():
        again = list(repeated(deliveries))
        if qos == 2:
            note(verdict, "duplicates", (f"{publisher} {number} reached {subscriber} in life {before} and in life {life}"
                                         for number, life, before in again))
        else:
            verdict.repeats += len(again)
        # What was under way already when a latecomer subscribed may come to it by its repetition only, behind newer ones.
        first, _ = ledger.expected.get((subscriber, publisher), (1, None))
        note(verdict, "order_breaks", (f"{publisher} {number} reached {subscriber} after {before}, life {life}"
                                       for number, life, before in overtaken(deliveries) if number >= first))


def judge_retained(ledger, verdict):
    for (subscriber, publisher), oldest in ledger.retained_due.items():
        if ledger.lacks_retained(subscriber, publisher):
            came = max(ledger.retained[subscriber, publisher], default="nothing")
            note(verdict, "retained_lost", [f"{publisher} {came} was retained for {subscriber}, although {oldest} had "
                                            "been acknowledged"])
