"""The table for people and the JSON for programs."""
import json
from dataclasses import asdict

from .ledger import FAULTS, Verdict

OTHERS = FAULTS[4:]
ROW = "{:<32} {:>5} {:>6} {:>12} {:>6} {:>6} {:>9} {:>8} {:>6} {:>6}"
HEAD = ("combination", "kills", "open", "acknowledged", "lost", "QoS 2", "sessions", "order", "other", "QoS 1")
HEAD2 = ("", "", "then", "", "", "twice", "lost", "breaks", "faults", "again")


def row(name, verdict):
    others = sum(getattr(verdict, fault) for fault in OTHERS)
    return ROW.format(name, verdict.kills, verdict.open, verdict.acknowledged, verdict.lost, verdict.duplicates,
                      verdict.sessions_lost, verdict.order_breaks, others, verdict.repeats)


def total(verdicts):
    whole = Verdict()
    for verdict in verdicts:
        whole.add(verdict)
    return whole


def head():
    return ROW.format(*HEAD) + "\n" + ROW.format(*HEAD2)


def details(name, verdict):
    return [f"{name}: {line}" for line in verdict.details]


def as_json(setup, results):
    """`results`: [(combination, verdict)]."""
    rows = [{"version": one.version_name, "qos": one.qos, "window": one.window, "payload": one.size, **asdict(verdict)}
            for one, verdict in results]
    whole = total(verdict for _, verdict in results)
    sums = {name: value for name, value in asdict(whole).items() if name != "details"}
    return json.dumps({**setup, "combinations": rows, "sum": sums, "passed": whole.is_clean()}, indent=2)
