"""`make run`: the whole suite on this machine, with sample data, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Never

from deploy.local.errors import LaunchError
from deploy.local.greeting import greeting
from deploy.local.keeper import AlreadyRunning
from deploy.local.processes import Process
from deploy.local.progress import Progress
from deploy.local.record import write_record
from deploy.local.scale import parse_scale
from deploy.local.suite import PROJECT, Suite
from deploy.local.supervisor import Part, Supervisor

_LOOK_SECONDS = 0.2
_SAMPLE_LIMIT = 3600.0


def main(environment: Mapping[str, str]) -> int:
    """Run until a signal comes; the exit code says whether the suite came up."""
    progress = Progress(sys.stdout)
    signal.signal(signal.SIGINT, _interrupt)  # also where the shell that started us has it ignored
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it is to go on
        signal.signal(signal.SIGHUP, _interrupt)
    try:
        with _suite(environment, progress) as suite:
            _Run(suite, progress).until_interrupted()
    except KeyboardInterrupt:
        pass  # while it was starting
    except (AlreadyRunning, LaunchError) as error:
        progress.tell(f"\n{error}")
        return 1
    progress.tell("Stopped.")
    return 0


class _Run:
    """A suite that is up, and what `make run` does with it."""

    def __init__(self, suite: Suite, progress: Progress) -> None:
        self._suite = suite
        self._progress = progress
        parts: dict[str, Part] = {"RabbitMQ": suite.broker, "PostgreSQL": suite.database, **suite.processes}
        self._supervisor = Supervisor(parts, tell=progress.tell)

    def until_interrupted(self) -> None:
        """Load the sample the first time, greet, look after the processes until Ctrl-C."""
        record = write_record(self._suite)
        try:
            self._load_sample()
            for line in greeting(self._suite):
                self._progress.tell(line)
            while True:
                self._look()
        except KeyboardInterrupt:
            self._progress.tell("\nStopping; work in hand is finished first ...")
        finally:
            record.unlink(missing_ok=True)

    def _load_sample(self) -> None:
        """Once per data folder. Without it the suite is empty and whole, so a failure does not end the run."""
        marker = self._suite.folder / "sample-loaded"
        if marker.exists():
            return
        self._progress.tell("  Loading sample data, once ...")
        loader = self._suite.command("deploy.sample")
        loader.start()
        try:
            self._look_while(loader, limit=_SAMPLE_LIMIT)
        finally:
            loader.stop()
        if loader.exit_code == 0:
            marker.touch()
        else:
            self._progress.tell("The sample data could not be loaded; the next start tries again.")

    def _look_while(self, process: Process, *, limit: float) -> None:
        deadline = time.monotonic() + limit
        while process.alive and time.monotonic() < deadline:
            self._look()

    def _look(self) -> None:
        time.sleep(_LOOK_SECONDS)
        if self._supervisor.look(time.monotonic()):
            write_record(self._suite)


def _suite(environment: Mapping[str, str], progress: Progress) -> Suite:
    settings = {name: value for name, value in environment.items() if name.startswith("CRM_")}
    return Suite(
        Path(environment.get("CRM_DATA_DIR", PROJECT / ".data")),
        scale=parse_scale(environment.get("SCALE", "")),
        environment={"CRM_PORT": "8000", **settings},
        progress=progress,
    )


def _interrupt(_signal: int, _frame: FrameType | None) -> Never:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(os.environ))
