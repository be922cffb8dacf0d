"""One launcher per data folder, and nothing it started outlives it: a second, tiny process sees to both.

Run as a program, this file is that second process. It reads lines `+ <group> <signal> <grace>` and `- <group>`; when
its input ends, the launcher is gone, and every process group still on the list is stopped, then killed. It imports the
standard library alone, so that it starts in milliseconds.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

_CLEANUP_LIMIT = 30.0


class AlreadyRunning(Exception):
    """Another launcher holds this data folder."""

    def __init__(self, folder: Path, holder: int) -> None:
        super().__init__(f"Tideline already runs with the data in {folder} (process {holder}). Stop it there first.")


class Keeper:
    """Holds a data folder's lock and guards the process groups that the launcher starts in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # passwords and logs live in it
        self.folder = folder
        lock = _locked(folder)
        # The second process inherits the lock: the folder stays ours until the last child is gone, even when the
        # launcher was killed.
        reading_end, self._pipe = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__], stdin=reading_end, pass_fds=[lock], start_new_session=True
        )
        os.close(reading_end)
        os.close(lock)

    def guard(self, group: int, *, stop_signal: signal.Signals, grace: float) -> None:
        """From now on this process group ends with the launcher."""
        self._write(f"+ {group} {int(stop_signal)} {grace}\n")

    def release(self, group: int) -> None:
        """This process group has ended."""
        self._write(f"- {group}\n")

    def close(self) -> None:
        """Stop whatever is still guarded, then let go of the folder."""
        os.close(self._pipe)
        self._process.wait(_CLEANUP_LIMIT * 2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _write(self, line: str) -> None:
        os.write(self._pipe, line.encode())  # shorter than PIPE_BUF, so threads never interleave


def _locked(folder: Path) -> int:
    """An open, exclusively locked file that names its launcher."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _CLEANUP_LIMIT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            holder = int(os.pread(lock, 20, 0) or b"0")
            if _alive(holder) or time.monotonic() > deadline:
                os.close(lock)
                raise AlreadyRunning(folder, holder) from None
            time.sleep(0.1)  # its launcher was killed; the children it left are being stopped
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal_group(group: int, number: int) -> bool:
    """Whether the group still had a member to signal."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _end(guarded: dict[int, tuple[int, float]]) -> None:
    """Ask every group to stop; kill the ones that outstay their grace."""
    for group, (stop_signal, _) in guarded.items():
        _signal_group(group, stop_signal)
    started = time.monotonic()
    while guarded:
        for group, (_, grace) in list(guarded.items()):
            overdue = time.monotonic() - started > min(grace, _CLEANUP_LIMIT)
            if not _signal_group(group, signal.SIGKILL if overdue else 0) or overdue:
                del guarded[group]
        time.sleep(0.02)


def _follow(lines: Iterable[str]) -> dict[int, tuple[int, float]]:
    """The groups that are still guarded when the launcher's end of the pipe closes."""
    guarded: dict[int, tuple[int, float]] = {}
    for line in lines:
        sign, group, *how = line.split()
        if sign == "+":
            guarded[int(group)] = (int(how[0]), float(how[1]))
        else:
            guarded.pop(int(group), None)
    return guarded


if __name__ == "__main__":
    _end(_follow(sys.stdin))
