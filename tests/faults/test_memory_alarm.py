"""The broker's memory alarm: it takes no messages for a while, and that is all that happens."""

import time

import pytest

from deploy.local.waiting import wait_until
from tests.faults.browser import Browser
from tests.faults.form import SEED
from tests.faults.house import House
from tests.faults.quiet import audited
from tests.faults.writers import at_work

# In one command, because each takes seconds to start on a busy machine: the alarm is to be shorter than a deadline.
_SHORT_ALARM = """
    vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1}),
    timer:sleep(2000),
    vm_memory_monitor:set_vm_memory_high_watermark(0.4).
"""


class TestMemoryAlarm:
    @pytest.mark.timeout(200)
    def test_one_shorter_than_a_deadline_fails_no_call(self, house: House) -> None:
        ledger = house.ledger
        before = ledger.answers.copy()
        held_up = _held_up(house)
        with at_work(house, [Browser] * 2, seed=SEED):
            house.broker.ctl("eval", _SHORT_ALARM)
            acknowledged = ledger.acknowledged
            wait_until(lambda: ledger.acknowledged > acknowledged + 20, limit=60, otherwise="Writers hang.")
        assert _held_up(house) > held_up
        assert {line.partition(": ")[2] for line in ledger.answers - before} <= {"200", "201"}, ledger.answers - before
        audited(house).require_right()

    @pytest.mark.timeout(400)
    def test_writes_are_refused_clearly_meanwhile_and_nothing_acknowledged_is_lost(self, house: House) -> None:
        ledger = house.ledger
        pids = {name: process.pid for name, process in house.suite.processes.items()}
        before = ledger.answers.copy()
        with at_work(house, [Browser] * 2, seed=SEED):
            house.broker.ctl("set_vm_memory_high_watermark", "absolute", "1")
            try:
                refused = sum(ledger.answers.values())
                wait_until(lambda: sum(ledger.answers.values()) > refused + 6, limit=60, otherwise="Writers hang.")
            finally:
                house.broker.ctl("set_vm_memory_high_watermark", "0.4")
            acknowledged = ledger.acknowledged
            began = time.monotonic()
            wait_until(
                lambda: ledger.acknowledged > acknowledged + 20,
                limit=60,
                otherwise=lambda: (
                    f"Nothing is written {time.monotonic() - began:.0f} s after the alarm: {ledger.answers}"
                ),
            )
        answers = ledger.answers - before
        told = {line.partition(": ")[2] for line in answers}
        assert told <= {"200", "201", "503 broker.unavailable", "503 call.timed_out", "503 broker.lost"}, told
        assert "503 broker.unavailable" in told
        assert {name: process.pid for name, process in house.suite.processes.items()} == pids
        audited(house).require_right()


def _held_up(house: House) -> int:
    """How often a process was told that the broker takes nothing."""
    logs = [house.suite.log_of(name).read_text() for name in house.suite.processes]
    return sum(log.count("broker takes no messages") for log in logs)
