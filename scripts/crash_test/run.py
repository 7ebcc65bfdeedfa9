"""Runs combinations side by side, each in a process of its own."""
import asyncio
import json
import logging
import multiprocessing
import multiprocessing.connection
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import process, report
from .ledger import Ledger
from .scenario import Scenario, combinations

LEAST_KILLS = 3  # a combination is worth its start only with some


def share(kills, only=""):
    """[(combination, kills)]: `kills` in sum, on as many combinations, of those with `only` in their names, as get
    LEAST_KILLS of them."""
    every = [combination for combination in combinations() if only in str(combination)]
    if not every:
        return []
    chosen = every[:max(1, min(len(every), -(-kills // LEAST_KILLS)))]
    each, more = divmod(kills, len(chosen))
    return [(combination, each + (index < more)) for index, combination in enumerate(chosen)]


def work(plan, combination, kills, setup, pipe):
    """In the child process: sends ("verdict", verdict) or ("failed", text)."""
    process.end_with_parent(signal.SIGTERM)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # writes into connections that are cut: no news
    directory = tempfile.mkdtemp(prefix="crash-test-", dir=setup["directory"])
    try:
        pipe.send(asyncio.run(tell(plan, combination, kills, setup, directory)))
    except asyncio.CancelledError:
        pass
    except Exception as error:  # whatever it is, the parent must hear of it
        pipe.send(("failed", f"{type(error).__name__}: {error}"))
    finally:
        if setup["keep"]:
            print(f"crash-test: {combination}: {directory}", file=sys.stderr)
        else:
            shutil.rmtree(directory, ignore_errors=True)


async def tell(plan, combination, kills, setup, directory):
    loop, task, ledger = asyncio.get_running_loop(), asyncio.current_task(), Ledger()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    end_at = loop.time() + setup["seconds"] if setup["seconds"] else None
    try:
        return "verdict", await Scenario(plan, combination, kills, setup["seed"], directory).run(ledger, end_at)
    finally:
        if setup["keep"]:
            text = json.dumps({name: value if isinstance(value, list) else {str(key): list(rest) for key, rest in
                                                                            value.items()}
                               for name, value in vars(ledger).items()
                               if name in ("acknowledged", "delivered", "retained", "sessions", "damage", "unfinished")})
            Path(directory, "ledger.json").write_text(text, encoding="utf-8")


class Crew:
    """The child processes: at most `jobs` at a time."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.context = multiprocessing.get_context("fork")
        self.running = {}  # pipe -> (process, combination)

    def run(self, plan, shares, setup):
        """Yields (combination, kind of result, result) in the order in which they end."""
        waiting = list(shares)
        while waiting or self.running:
            while waiting and len(self.running) < self.jobs:
                self._start(plan, *waiting.pop(0), setup)
            for pipe in multiprocessing.connection.wait(list(self.running)):
                child, combination = self.running.pop(pipe)
                try:
                    yield combination, *pipe.recv()
                except EOFError:
                    yield combination, "failed", "its process ended without a word"
                child.join()

    def _start(self, plan, combination, kills, setup):
        mine, theirs = self.context.Pipe(duplex=False)
        child = self.context.Process(target=work, args=(plan, combination, kills, setup, theirs))
        child.start()
        theirs.close()
        self.running[mine] = (child, combination)

    def end(self):
        for child, _ in self.running.values():
            child.terminate()
        deadline = time.monotonic() + 10
        for child, _ in self.running.values():
            child.join(max(deadline - time.monotonic(), 0))
            if child.is_alive():
                child.kill()
                child.join()


def run(plan, shares, setup, jobs, show):
    """The exit code; `show` prints a line of the table as soon as it is known."""
    results, failures, crew = [], [], Crew(jobs)
    try:
        for combination, outcome, result in crew.run(plan, shares, setup):
            if outcome == "failed":
                failures.append(f"{combination}: {result}")
                show(f"{combination}: failed: {result}")
                continue
            results.append((combination, result))
            show("\n".join([report.row(str(combination), result), *report.details("    ", result)]))
    finally:
        crew.end()
    return results, failures
