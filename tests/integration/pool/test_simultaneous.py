"""Many at once: real threads on real sessions want the same customers; one wins each, and history stays legal."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TypeVar
from uuid import UUID

import pytest
import sqlalchemy

from contracts.errors import Conflict
from contracts.pool.claims import ClaimCustomers, ClaimItem, ClaimStatus
from contracts.pool.pools import DEFAULT_POOL_ID
from deploy.local.waiting import wait_until
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling
from services.pool.operations import claims, known
from tests.integration.pool.desk import ADMIN, Desk, assert_legal, customer_created, rep

THREADS = 30
CUSTOMERS = 20
ROUNDS = 8

T = TypeVar("T")


def all_at_once(work: Callable[[int], T]) -> list[T]:
    """What each of the threads brings back; they begin together, and an error of one is raised here."""
    start = Barrier(THREADS)

    def begin(number: int) -> T:
        start.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(begin, range(THREADS)))


def chance_of(number: int) -> random.Random:
    """A thread's own dice, the same on every run."""
    return random.Random(number)  # noqa: S311  chance, not secrecy


def claim(desk: Desk, caller: Caller, customer_ids: list[UUID]) -> list[ClaimItem]:
    """The answers, which must be about what was asked, in its order."""
    request = ClaimCustomers(pool_id=DEFAULT_POOL_ID, customer_ids=customer_ids)
    items = desk.ask(caller, claims.claim, request).items
    assert [item.customer_id for item in items] == customer_ids
    return items


def won(items: list[ClaimItem]) -> list[UUID]:
    """The customers of the answers that say claimed."""
    return [item.customer_id for item in items if item.status is ClaimStatus.CLAIMED]


def owner_of(desk: Desk, customer_id: UUID) -> UUID | None:
    """Who the service says holds a customer."""
    owner = desk.holding(ADMIN, customer_id).owner
    return owner.id if owner else None


def moves_announced(desk: Desk, customer_id: UUID) -> list[str]:
    """The verbs of the events about a customer; their sequence must rise by one."""
    events = desk.announced(customer_id)
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    return [event["type"].split(".")[2] for event in events]


class TestClaim:
    @pytest.mark.parametrize("size", [CUSTOMERS, 7, 1], ids=["in one batch", "in batches of seven", "one by one"])
    def test_each_customer_has_exactly_one_winner_in_whatever_order_they_are_asked_for(
        self, desk: Desk, size: int
    ) -> None:
        customer_ids = [desk.add_customer() for _ in range(CUSTOMERS)]
        reps = [rep() for _ in range(THREADS)]

        def work(number: int) -> list[UUID]:
            wanted = chance_of(number).sample(customer_ids, CUSTOMERS)
            batches = [wanted[start : start + size] for start in range(0, CUSTOMERS, size)]
            return [each for batch in batches for each in won(claim(desk, reps[number], batch))]

        winners = [(each, reps[number].user_id) for number, mine in enumerate(all_at_once(work)) for each in mine]
        assert Counter(each for each, _ in winners) == Counter(customer_ids)
        assert all(owner_of(desk, customer_id) == winner for customer_id, winner in winners)
        for customer_id in customer_ids:
            history = desk.history(customer_id)
            assert len(history) == 2
            assert_legal(history)
            assert moves_announced(desk, customer_id) == ["claimed"]

    def test_who_waits_for_a_claimer_that_dies_gets_the_customer(self, desk: Desk) -> None:
        customer_id, doomed, waiting = desk.add_customer(), rep(), rep()
        claimed, die = Event(), Event()

        def claim_and_die() -> None:
            request = ClaimCustomers(pool_id=DEFAULT_POOL_ID, customer_ids=[customer_id])
            with calling(doomed), desk.database.transaction() as db:
                claims.claim(db, request)
                claimed.set()
                assert die.wait(30)
                raise InterruptedError

        with ThreadPoolExecutor(2) as threads:
            dying = threads.submit(claim_and_die)
            assert claimed.wait(30)
            answer = threads.submit(desk.claim, waiting, customer_id)
            wait_until(lambda: somebody_waits(desk), limit=10, otherwise="The second claimer did not wait.")
            die.set()
            assert answer.result() == [ClaimStatus.CLAIMED]
        assert isinstance(dying.exception(), InterruptedError)
        assert owner_of(desk, customer_id) == waiting.user_id
        assert len(desk.announced(customer_id)) == 1


class TestClaimAndRelease:
    def test_hands_that_change_all_the_time_leave_a_legal_history_and_one_event_a_move(self, desk: Desk) -> None:
        customer_ids = [desk.add_customer() for _ in range(CUSTOMERS)]

        def work(number: int) -> list[UUID]:
            me, chance, claimed = rep(), chance_of(number), []
            for _ in range(ROUNDS):
                mine = won(claim(desk, me, chance.sample(customer_ids, 5)))
                claimed += mine
                for customer_id in mine[chance.randint(0, 1) :]:
                    desk.release(me, customer_id)
            return claimed

        claims = Counter(each for claimed in all_at_once(work) for each in claimed)
        assert claims.total() > CUSTOMERS, "nobody claimed what another had released"
        for customer_id in customer_ids:
            history = desk.history(customer_id)
            assert_legal(history)
            moves = [span.began for span in reversed(history)][1:]
            assert moves.count("claimed") == claims[customer_id]
            assert moves_announced(desk, customer_id) == moves


class TestRelease:
    def test_of_many_who_release_the_same_customer_one_does(self, desk: Desk) -> None:
        customer_id = desk.add_customer(owner=rep())

        def work(_number: int) -> str:
            try:
                desk.release(ADMIN, customer_id)
            except Conflict as refused:
                return refused.code
            return "released"

        assert Counter(all_at_once(work)) == {"released": 1, "holding.not_held": THREADS - 1}
        assert_legal(desk.history(customer_id))
        assert len(desk.announced(customer_id)) == 1


class TestHoldNewCustomer:
    def test_a_customer_heard_of_many_times_at_once_begins_one_life(self, desk: Desk) -> None:
        created = customer_created(new_id())
        all_at_once(lambda _number: desk.handle(known.hold_new_customer, created))
        assert len(desk.history(created.customer_id)) == 1


def somebody_waits(desk: Desk) -> bool:
    """Whether a session of this database waits for another's lock."""
    statement = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with desk.database.transaction() as db:
        return db.execute(sqlalchemy.text(statement)).first() is not None
