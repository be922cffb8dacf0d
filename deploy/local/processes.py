"""One child process: its environment, its log, its end. It never outlives the launcher."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from deploy.local.errors import LaunchError
from deploy.local.keeper import Keeper

_TAIL_LINES = 15
_LOG_BYTES = 10_000_000  # a longer one makes way for a new one when the process starts
_KILL_LIMIT = 10.0


class Process:
    """A program that can be started, stopped, killed and started again under one name.

    Without a log it writes to where the launcher itself writes.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        keeper: Keeper,
        log: Path | None,
        environment: Mapping[str, str],
        folder: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 15.0,
    ) -> None:
        self.name = name
        self._log = log
        self._command = list(command)
        self._keeper = keeper
        self._environment = dict(environment)
        self._folder = folder
        self._stop_signal = stop_signal
        self._grace = grace
        self._child: subprocess.Popen[bytes] | None = None
        self._guarded = False
        self._asked = False

    @property
    def alive(self) -> bool:
        """Whether it runs now."""
        return self._child is not None and self.exit_code is None

    @property
    def pid(self) -> int:
        """The id of the running process; 0 when there is none."""
        return self._child.pid if self._child is not None and self.alive else 0

    @property
    def exit_code(self) -> int | None:
        """How the last run ended; None while it runs or before the first start."""
        if self._child is None:
            return None
        code = self._child.poll()
        if code is not None:
            self._sweep(self._child.pid)
        return code

    def start(self) -> None:
        """Start it in a process group of its own; its output is added to its log."""
        if self.alive:
            return
        with self._output() as output:
            self._child = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._guarded, self._asked = True, False
        self._keeper.guard(self._child.pid, stop_signal=self._stop_signal, grace=self._grace)

    def ask_to_stop(self) -> None:
        """Send the stop signal, once, and don't wait."""
        if self._child is not None and self.alive and not self._asked:
            self._asked = True
            self._child.send_signal(self._stop_signal)

    def stop(self) -> None:
        """Ask it to stop; kill what is left of it when the grace period is over."""
        self.ask_to_stop()
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(self._grace)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to its whole process group."""
        if self._child is not None:
            self._sweep(self._child.pid)
            self._child.wait(_KILL_LIMIT)

    def _sweep(self, group: int) -> None:
        """Kill what is left of the group, once: later its number may belong to somebody else's process."""
        if self._guarded:
            self._guarded = False
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            self._keeper.release(group)

    def finish(self, *, limit: float) -> None:
        """Wait for a process that ends by itself, and require that it succeeded."""
        if self._child is not None:
            try:
                self._child.wait(limit)
            except subprocess.TimeoutExpired:
                self.kill()
                raise LaunchError(f"{self.name} took longer than {limit:.0f} s. {self.last_words()}") from None
        if self.exit_code != 0:
            raise LaunchError(f"{self.name} failed with code {self.exit_code}. {self.last_words()}")

    def require_alive(self) -> None:
        """Fail with the end of its log when it has ended by itself."""
        if not self.alive:
            raise LaunchError(f"{self.name} ended with code {self.exit_code}. {self.last_words()}")

    def last_words(self) -> str:
        """The end of its log, for a person who has to find out why."""
        if self._log is None or not self._log.exists():
            return ""
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n  ".join([f"The end of {self._log}:", *lines[-_TAIL_LINES:]])

    def _output(self) -> AbstractContextManager[IO[bytes] | None]:
        if self._log is None:
            return contextlib.nullcontext()
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > _LOG_BYTES:
            self._log.rename(self._log.with_suffix(".log.1"))
        return self._log.open("ab")
