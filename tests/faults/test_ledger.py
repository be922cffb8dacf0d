"""The ledger run: people write while everything is killed in turn, and afterwards the books are compared."""

import sys

import pytest

from tests.faults.audit import Audit
from tests.faults.browser import Browser
from tests.faults.form import KILLS, SEED, WRITES
from tests.faults.house import House
from tests.faults.killing import Killing
from tests.faults.ledger import Told
from tests.faults.quiet import audited
from tests.faults.writers import at_work

WRITERS = 8
STALL_SECONDS = 180.0


def write_and_kill(house: House) -> Killing:
    """As many acknowledged writes as asked for, with the kills spread evenly among them."""
    killing = Killing(house, seed=SEED)
    with at_work(house, [Browser] * WRITERS, seed=SEED):
        for number, name in enumerate(killing.order(KILLS), start=1):
            acknowledge(house, killing, number * WRITES // (KILLS + 1))
            killing.kill(name)
        acknowledge(house, killing, WRITES)
    return killing


def acknowledge(house: House, killing: Killing, count: int) -> None:
    """Wait until so many writes are acknowledged."""
    ledger = house.ledger
    killing.look_until(
        lambda: ledger.acknowledged >= count,
        limit=STALL_SECONDS + count / 10,
        otherwise=lambda: f"{ledger.acknowledged} of {count} writes: {ledger.answers} {killing.notes}",
    )


def tell(house: House, audit: Audit) -> None:
    """The books, side by side."""
    ledger, received = house.ledger, house.listener.received
    lines = [
        f"written {ledger.written}, acknowledged {ledger.acknowledged}, refused {ledger.count(Told.REFUSED)},"
        f" unknown {ledger.count(Told.UNKNOWN)}",
        f"published {len(audit.published)}, received {len(received)}"
        f" (and again {received.total() - len(received)}),"
        f" duplicated in effect {len(audit.doubled())}, lost {len(audit.lost())}",
        *(f"  {times:6} {line}" for line, times in sorted(ledger.answers.items())),
    ]
    sys.stderr.write("\n".join(lines) + "\n")  # a worker of several has no other way to the terminal


class TestLedger:
    @pytest.mark.timeout(3600)
    def test_nothing_is_lost_or_doubled_while_everything_is_killed(
        self, house: House, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with capsys.disabled():
            sys.stderr.write(f"\nFAULTS_SEED={SEED} FAULTS_WRITES={WRITES} FAULTS_KILLS={KILLS}\n")
        killing = write_and_kill(house)
        house.mend()
        audit = audited(house)
        with capsys.disabled():
            tell(house, audit)

        audit.require_right()
        assert [line for line in house.ledger.answers if ": 500" in line] == []
        assert len([note for note in killing.notes if "ended unexpectedly" in note]) == KILLS
