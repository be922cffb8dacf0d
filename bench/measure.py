"""What every benchmark shares: CPU time of processes, a calibration job, a table and a JSON line as the result.

CPU time per operation, summed over all processes that take part, is the figure that counts: clocks of development
machines drift, so compare only within one run, and read the calibration beside each figure.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).with_name("results")
_TICK = os.sysconf("SC_CLK_TCK")
_CALIBRATION_LOOPS = 300_000


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time that these processes have used so far, with all their threads."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def descendants(pid: int) -> list[int]:
    """A process and all processes under it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except FileNotFoundError:
                continue
    family, grown = {pid}, True
    while grown:
        children = {child for child, parent in parents.items() if parent in family} - family
        family |= children
        grown = bool(children)
    return sorted(family)


def family_cpu_seconds() -> float:
    """The same of this process and all under it that run now."""
    return cpu_seconds(descendants(os.getpid()))


def calibration_ms() -> float:
    """Milliseconds of CPU that a fixed job takes now; it tells runs on a slow moment from those on a fast one."""
    began = time.process_time()
    total = 0
    for number in range(_CALIBRATION_LOOPS):
        total += number * number % 7
    return (time.process_time() - began) * 1000


def median(values: Sequence[float]) -> float:
    """The middle of at least three runs."""
    if len(values) < 3:
        raise ValueError("a figure needs at least three runs")
    return statistics.median(values)


def progress(text: str) -> None:
    """Say what is being measured now."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


def report(name: str, rows: Sequence[Mapping[str, Any]], **facts: Any) -> None:
    """Print the table and append a JSON line to bench/results/<name>.jsonl."""
    table = Table(title=name)
    for column in rows[0]:
        table.add_column(column, justify="left" if column == "what" else "right")
    for row in rows:
        table.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()))
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "calibration_ms": round(calibration_ms(), 1),
        **facts,
        "rows": list(rows),
    }
    with (RESULTS / f"{name}.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
