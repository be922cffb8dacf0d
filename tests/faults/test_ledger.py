"""The ledger run: people write while everything is killed in turn, and afterwards the books are compared."""

import os
import random
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.audit import Audit
from tests.faults.house import House
from tests.faults.killing import Killing
from tests.faults.ledger import Ledger, Told
from tests.faults.quiet import parked, wait_quiet, waiting_messages
from tests.faults.writers import Shared, Writer

WRITES = int(os.environ.get("FAULTS_WRITES", "600"))
KILLS = int(os.environ.get("FAULTS_KILLS", "12"))
SEED = int(os.environ.get("FAULTS_SEED", random.randrange(1_000_000)))  # noqa: S311  any seed will do
WRITERS = 8
STALL_SECONDS = 180.0


def write_and_kill(house: House, ledger: Ledger) -> Killing:
    """As many acknowledged writes as asked for, with the kills spread evenly among them."""
    killing, shared = Killing(house, seed=SEED), Shared()
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [
            Writer(n, url=house.suite.gateway_url, people=house.people, ledger=ledger, shared=shared, seed=SEED)
            for n in range(WRITERS)
        ]
        working = [pool.submit(writer.work) for writer in writers]
        try:
            for number, name in enumerate(killing.order(KILLS), start=1):
                acknowledge(ledger, killing, number * WRITES // (KILLS + 1))
                killing.kill(name)
            acknowledge(ledger, killing, WRITES)
        finally:
            shared.over.set()
        for done in working:
            done.result()
    return killing


def acknowledge(ledger: Ledger, killing: Killing, count: int) -> None:
    """Wait until so many writes are acknowledged."""
    killing.look_until(
        lambda: ledger.acknowledged >= count,
        limit=STALL_SECONDS + count / 10,
        otherwise=lambda: (
            f"{ledger.acknowledged} of {count} writes after {STALL_SECONDS:.0f} s: {ledger.answers} {killing.notes}"
        ),
    )


def say(text: str) -> None:
    """To the terminal, whatever pytest captures."""
    sys.stdout.write(text + "\n")


class TestLedger:
    @pytest.mark.timeout(3600)
    def test_nothing_is_lost_or_doubled_while_everything_is_killed(
        self, house: House, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with capsys.disabled():
            say(f"\nFAULTS_SEED={SEED} FAULTS_WRITES={WRITES} FAULTS_KILLS={KILLS}")
        ledger = Ledger()
        killing = write_and_kill(house, ledger)
        house.mend()
        wait_quiet(house)
        house.listener.read_all()
        audit = Audit(house, ledger)
        lost, doubled = audit.lost(), audit.doubled()
        with capsys.disabled():
            say(
                f"written {ledger.written}, acknowledged {ledger.acknowledged}, refused {ledger.count(Told.REFUSED)},"
                f" unknown {ledger.count(Told.UNKNOWN)}, published {len(audit.published)},"
                f" received {len(house.listener.received)}"
                f" (and again {house.listener.received.total() - len(house.listener.received)}),"
                f" duplicated in effect {len(doubled)}, lost {len(lost)}"
            )
            for line, times in sorted(ledger.answers.items()):
                say(f"  {times:6} {line}")

        assert lost == []
        assert doubled == []
        assert audit.unfounded() == []
        assert audit.untold() == []
        assert audit.misnumbered() == []
        assert set(house.listener.received) == audit.published
        assert house.listener.overtaken == []
        assert audit.unhandled() == []
        assert audit.wrong_notices() == []
        assert audit.differing_copies() == []
        assert audit.illegal_histories() == []
        assert parked(house) == []
        assert waiting_messages(house) == {}
        assert [line for line in ledger.answers if ": 500" in line] == []
        assert [note for note in killing.notes if "ended unexpectedly" in note][KILLS:] == []
