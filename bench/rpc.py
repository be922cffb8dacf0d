"""One RPC: CPU per call and calls per second of Tideline's, of stock nameko's, and of raw py-amqp, in one run.

The floor (raw) has no types, deadlines, callers or concurrency; stock nameko has no types, deadlines or callers.
"""

import json
import os
import select
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.measure import calibration_ms, cpu_seconds, descendants, median, progress, report
from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.progress import Progress
from deploy.local.servers import Place
from servicekit.keys import make_keys

KINDS = {"raw": "raw py-amqp, direct reply-to", "ours": "Tideline", "stock": "stock nameko"}
_ROUNDS = 5
_CALLS = 2_000
_WARM_UP = 300
_LINE_SECONDS = 60


class Pair:
    """A server and a caller of one kind, each a process of its own."""

    def __init__(self, kind: str, environment: dict[str, str]) -> None:
        self._processes = [self._start("serve", kind, environment)]
        if self._line(self._processes[0]) != "ready":
            raise RuntimeError(f"the {kind} server did not start")
        self._processes.append(self._start("call", kind, environment))

    def _start(self, what: str, kind: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "bench.rpc_peers", what, kind],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def server_pid(self) -> int:
        """The server's process."""
        return self._processes[0].pid

    def calls(self, count: int) -> dict[str, float]:
        """Make so many calls, one at a time."""
        caller = self._processes[1]
        if caller.stdin is None:
            raise RuntimeError("the caller has no pipe")
        caller.stdin.write(f"{count}\n")
        caller.stdin.flush()
        spent: dict[str, float] = json.loads(self._line(caller))
        if spent["wrong"]:
            raise RuntimeError(f"{spent['wrong']} wrong answers")
        return spent

    def _line(self, process: "subprocess.Popen[str]") -> str:
        if process.stdout is None or not select.select([process.stdout], [], [], _LINE_SECONDS)[0]:
            raise RuntimeError("no answer in time")
        return process.stdout.readline().strip()

    def close(self) -> None:
        """End both."""
        for process in self._processes:
            process.kill()
            process.communicate()


def measure(pair: Pair, broker: list[int]) -> dict[str, float]:
    """Milliseconds of CPU per call, by process, and calls per second."""
    before = cpu_seconds([pair.server_pid]), cpu_seconds(broker)
    spent = pair.calls(_CALLS)
    after = cpu_seconds([pair.server_pid]), cpu_seconds(broker)
    service, brokers = ((b - a) * 1000 / _CALLS for a, b in zip(before, after, strict=True))
    client = spent["cpu"] * 1000 / _CALLS
    return {
        "client ms": client,
        "service ms": service,
        "broker ms": brokers,
        "CPU ms per call": client + service + brokers,
        "calls per s": _CALLS / spent["seconds"],
    }


def main() -> None:
    """Measure the kinds in turn, several rounds, so that a drift of the machine meets all of them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tideline-bench-")))
        keeper = stack.enter_context(Keeper(folder))
        place = Place(folder / "rabbitmq", folder / "logs", keeper, Progress(sys.stderr))
        broker = provision.broker(place, given=None)
        broker.start()
        stack.callback(broker.stop)
        make_keys(folder / "keys", ["bench"])
        environment = {
            **os.environ,
            "CRM_AMQP_URL": broker.url,
            "CRM_SIGNING_KEY_FILE": str(folder / "keys" / "bench.pem"),
            "CRM_TRUSTED_KEYS_FILE": str(folder / "keys" / "trusted.json"),
        }
        pids = _broker_pids(folder)
        rounds: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
        pairs = {}
        for kind in KINDS:
            pairs[kind] = Pair(kind, environment)
            stack.callback(pairs[kind].close)
            pairs[kind].calls(_WARM_UP)
        for number in range(_ROUNDS):
            progress(f"round {number + 1} of {_ROUNDS}, calibration {calibration_ms():.0f} ms")
            for kind, pair in pairs.items():
                rounds[kind].append(measure(pair, pids))
    report("rpc", _rows(rounds), calls_per_round=_CALLS, rounds=_ROUNDS, clients=1)


def _broker_pids(folder: Path) -> list[int]:
    """The Erlang node of this broker; its folder stands in its command line."""
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"beam.smp" in command and str(folder).encode() in command:
            return descendants(int(entry.name))
    raise RuntimeError("the broker's process can't be found")


def _rows(rounds: dict[str, list[dict[str, float]]]) -> list[dict[str, Any]]:
    figures = {
        kind: {name: median([each[name] for each in measured]) for name in measured[0]}
        for kind, measured in rounds.items()
    }
    floor = figures["raw"]["CPU ms per call"]
    return [
        {"what": KINDS[kind], **found, "x floor": found["CPU ms per call"] / floor} for kind, found in figures.items()
    ]


if __name__ == "__main__":
    main()
