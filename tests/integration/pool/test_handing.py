"""Customers assigned, handed over and given back, one or many; and kept from being taken back."""

from typing import Any
from uuid import UUID

import pytest

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.pool.assignments import (
    AssignHolding,
    AssignHoldings,
    EndProtection,
    MoveResult,
    MoveStatus,
    ProtectHolding,
    ReleaseHoldings,
    TransferHolding,
    TransferHoldings,
)
from contracts.pool.claims import ClaimStatus
from contracts.pool.holdings import Holding, ReleaseReason
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.values import Role
from servicekit import clock, company
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling, refused, user_of
from services.pool.operations import handing, protection
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, SERVICE, Desk, manager_of, rep
from tests.integration.pool.reclaiming import DAY, Season
from tests.integration.pool.test_limits import free, limited
from tests.integration.pool.test_simultaneous import THREADS, all_at_once

DONE, NOT_HELD, THERE = MoveStatus.DONE, MoveStatus.NOT_HELD, MoveStatus.ALREADY_THERE
NOT_PERMITTED, NOT_VISIBLE, LIMIT = MoveStatus.NOT_PERMITTED, MoveStatus.NOT_VISIBLE, MoveStatus.LIMIT_REACHED


def hired(desk: Desk, caller: Caller) -> Caller:
    """Somebody whom the service has heard of."""
    desk.add_user(caller)
    return caller


def statuses(result: MoveResult) -> list[MoveStatus]:
    return [item.status for item in result.items]


def assign(desk: Desk, caller: Caller, customer_id: UUID, **to: Any) -> Holding:
    return desk.ask(caller, handing.assign, AssignHolding(customer_id=customer_id, **to))


def transfer(desk: Desk, caller: Caller, customer_id: UUID, to: Caller, **more: Any) -> Holding:
    request = TransferHolding(customer_id=customer_id, owner_id=to.user_id, **more)
    return desk.ask(caller, handing.transfer, request)


def told(desk: Desk, customer_id: UUID) -> dict[str, Any]:
    event = desk.announced(customer_id)[-1]
    return {"type": event["type"], **event["data"]}


class TestAssign:
    def test_a_manager_gives_a_customer_in_a_pool_to_one_of_their_people(self, desk: Desk) -> None:
        sales = new_id()
        rita, max_ = hired(desk, rep(sales)), manager_of(sales)
        customer = desk.add_customer()
        holding = assign(desk, max_, customer, owner_id=rita.user_id, note="You know them.")
        assert holding.owner is not None
        assert holding.owner.id == rita.user_id
        event = told(desk, customer)
        assert (event["type"], event["assigned_by"]["name"]) == ("crm.holding.assigned.v1", max_.name)
        assert (event["owner_id"], event["former_owner_id"]) == (str(rita.user_id), None)
        assert [(span.ended, span.note) for span in desk.history(customer)] == [
            (None, ""),
            ("assigned", "You know them."),
        ]

    def test_and_takes_one_from_one_of_their_people_into_a_pool(self, desk: Desk) -> None:
        sales, north = new_id(), desk.add_pool(f"North {new_id()}")
        rita = hired(desk, rep(sales))
        customer = desk.add_customer(owner=rita)
        holding = assign(desk, manager_of(sales), customer, pool_id=north)
        assert holding.pool is not None
        assert holding.pool.id == north
        assert told(desk, customer)["former_owner_id"] == str(rita.user_id)

    def test_a_cool_down_bars_nobody_from_being_given_a_customer(self, desk: Desk) -> None:
        pool, sales = limited(desk, cool_down_days=30), new_id()
        rita = hired(desk, rep(sales))
        (customer,) = free(desk, pool, 1)
        desk.claim(rita, customer, pool_id=pool)
        desk.release(rita, customer, pool_id=pool)
        assert desk.claim(rita, customer, pool_id=pool) == [ClaimStatus.COOLING_DOWN]
        assert assign(desk, manager_of(sales), customer, owner_id=rita.user_id).owner is not None

    def test_a_limit_holds_for_what_is_given_too(self, desk: Desk) -> None:
        pool, sales = limited(desk, holdings=2), new_id()
        rita = hired(desk, rep(sales))
        customers = free(desk, pool, 3)
        request = AssignHoldings(customer_ids=customers, owner_id=rita.user_id)
        assert statuses(desk.ask(manager_of(sales), handing.assign_many, request)) == [DONE, DONE, LIMIT]
        with refused(Conflict, "pool.limit_reached"):
            assign(desk, ADMIN, customers[2], owner_id=rita.user_id)

    def test_many_at_once_never_exceed_it(self, desk: Desk) -> None:
        pool, rita = limited(desk, holdings=5), hired(desk, rep())
        customers = free(desk, pool, THREADS)

        def work(number: int) -> list[Any]:
            if number % 2:
                return desk.claim(rita, customers[number], pool_id=pool)
            request = AssignHoldings(customer_ids=[customers[number]], owner_id=rita.user_id)
            return statuses(desk.ask(ADMIN, handing.assign_many, request))

        answers = [each for found in all_at_once(work) for each in found]
        assert sum(each in {DONE, ClaimStatus.CLAIMED} for each in answers) == 5

    @pytest.mark.parametrize("caller", [rep(), AUDITOR, SERVICE])
    def test_reps_and_readers_may_not(self, desk: Desk, caller: Caller) -> None:
        with refused(NotPermitted, "holding.managers_only"):
            assign(desk, caller, desk.add_customer(), pool_id=DEFAULT_POOL_ID)

    def test_a_manager_gives_to_and_takes_from_their_own_people_alone(self, desk: Desk) -> None:
        sales = new_id()
        other = hired(desk, rep(new_id()))
        with refused(NotPermitted, "holding.read_only"):
            assign(desk, manager_of(sales), desk.add_customer(), owner_id=other.user_id)
        with refused(NotFound, "holding.not_found"):
            assign(desk, manager_of(sales), desk.add_customer(owner=other), pool_id=DEFAULT_POOL_ID)

    def test_an_administrator_and_a_program_give_to_anybody(self, desk: Desk) -> None:
        rita = hired(desk, rep(new_id()))
        for caller in (ADMIN, PROGRAM):
            assert assign(desk, caller, desk.add_customer(), owner_id=rita.user_id).owner is not None

    @pytest.mark.parametrize("to", [{}, {"owner_id": new_id(), "pool_id": new_id()}])
    def test_there_is_just_one_receiver(self, desk: Desk, to: dict[str, UUID]) -> None:
        with pytest.raises(InvalidInput) as caught:
            assign(desk, ADMIN, desk.add_customer(), **to)
        assert caught.value.fields[0].code == "holding.one_receiver"

    def test_nobody_gets_one_who_cannot_hold_it(self, desk: Desk) -> None:
        auditor = hired(desk, user_of(Role.AUDITOR, name="Aude"))
        with pytest.raises(InvalidInput) as caught:
            assign(desk, ADMIN, desk.add_customer(), owner_id=auditor.user_id)
        assert caught.value.fields[0].code == "holding.unknown_user"

    def test_in_a_batch_each_answers_by_itself(self, desk: Desk) -> None:
        sales, rita = new_id(), hired(desk, rep())
        max_ = manager_of(sales)
        mine = hired(desk, rep(sales))
        taken, there, unseen = desk.add_customer(owner=mine), desk.add_customer(), desk.add_customer(owner=rita)
        request = AssignHoldings(customer_ids=[taken, there, unseen, taken], pool_id=DEFAULT_POOL_ID)
        found = statuses(desk.ask(max_, handing.assign_many, request))
        assert found == [DONE, THERE, NOT_VISIBLE, NOT_VISIBLE]


class TestTransfer:
    def test_an_owner_hands_their_customer_over_to_a_colleague(self, desk: Desk) -> None:
        rita, rolf = rep(), hired(desk, rep())
        customer = desk.add_customer(owner=rita)
        until = company.today() + 10 * DAY
        shown = transfer(desk, rita, customer, rolf, keep_until=until, note="Holiday.")
        assert shown.owner is not None
        assert shown.owner.id == rolf.user_id
        event = told(desk, customer)
        assert (event["type"], event["owner_id"]) == ("crm.holding.transferred.v1", str(rolf.user_id))
        assert (event["former_owner_id"], event["keep_until"]) == (str(rita.user_id), until.isoformat())
        assert desk.history(customer)[1].ended == "transferred"
        assert desk.holding(rolf, customer).owner is not None

    def test_their_manager_may_too(self, desk: Desk) -> None:
        sales = new_id()
        rita, rolf = hired(desk, rep(sales)), hired(desk, rep(new_id()))
        customer = desk.add_customer(owner=rita)
        result = desk.ask(
            manager_of(sales), handing.transfer_many, TransferHoldings(customer_ids=[customer], owner_id=rolf.user_id)
        )
        assert statuses(result) == [DONE]

    def test_the_clock_of_its_rules_starts_anew_under_the_same_pools(self, season: Season) -> None:
        desk, rita, rolf = season.desk, rep(), rep()
        hired(desk, rolf)
        north = desk.add_pool(f"North {new_id()}")
        (customer,) = free(desk, north, 1)
        desk.claim(rita, customer, pool_id=north)
        season.clocks(north, no_follow_up=10)
        season.pass_days(6)
        desk.ask(ADMIN, handing.transfer, TransferHolding(customer_id=customer, owner_id=rolf.user_id))
        season.settle()
        assert desk.holding(ADMIN, customer).reclaim_at == season.midnight(11)

    @pytest.mark.parametrize(
        ("who", "kind", "code"),
        [
            ("owner", Conflict, "holding.already_there"),
            ("reader", NotPermitted, "holding.read_only"),
            ("stranger", NotFound, "holding.not_found"),
            ("auditor", NotPermitted, "holding.read_only"),
        ],
    )
    def test_who_may_not(self, desk: Desk, who: str, kind: type[Exception], code: str) -> None:
        callers = {"owner": rep(), "reader": rep(), "stranger": rep(), "auditor": AUDITOR}
        owner = hired(desk, callers["owner"])
        customer = desk.add_customer(owner=owner)
        desk.share(customer, callers["reader"])
        with pytest.raises(kind) as caught:
            transfer(desk, callers[who], customer, owner)
        assert getattr(caught.value, "code", None) == code

    def test_what_is_in_a_pool_cannot_be_handed_over(self, desk: Desk) -> None:
        with refused(Conflict, "holding.not_held"):
            transfer(desk, ADMIN, desk.add_customer(), hired(desk, rep()))

    def test_nor_until_a_day_that_is_over(self, desk: Desk) -> None:
        with pytest.raises(InvalidInput) as caught:
            transfer(desk, ADMIN, desk.add_customer(), hired(desk, rep()), keep_until=company.today() - DAY)
        assert caught.value.fields[0].code == "holding.past_day"


class TestReleaseMany:
    def test_each_answers_by_itself(self, desk: Desk) -> None:
        rita = rep()
        mine, free_, others = desk.add_customer(owner=rita), desk.add_customer(), desk.add_customer(owner=rep())
        request = ReleaseHoldings(customer_ids=[mine, free_, others], reason=ReleaseReason.WORKLOAD)
        assert statuses(desk.ask(rita, handing.release_many, request)) == [DONE, NOT_HELD, NOT_VISIBLE]
        assert told(desk, mine)["type"] == "crm.holding.released.v1"


class TestProtection:
    def protect(self, desk: Desk, caller: Caller, customer: UUID, days: int) -> Holding:
        request = ProtectHolding(customer_id=customer, until=company.today() + days * DAY, reason="Long holiday.")
        return desk.ask(caller, protection.protect, request)

    def test_no_rule_takes_a_protected_customer_before_its_day_is_over(self, season: Season) -> None:
        desk, rita = season.desk, rep()
        customer = desk.add_customer(owner=rita, at=clock.now())
        season.clocks(no_follow_up=5)
        shown = self.protect(desk, rita, customer, 20)
        assert shown.protected_until == season.midnight(21)
        season.settle()
        assert desk.holding(rita, customer).reclaim_at == season.midnight(21)
        season.pass_days(20)
        assert desk.holding(ADMIN, customer).owner is not None
        season.pass_days(2)
        assert desk.holding(ADMIN, customer).owner is None

    def test_it_ends_by_itself_and_early_and_is_told_of(self, season: Season) -> None:
        desk, rita = season.desk, rep()
        first, second = desk.add_customer(owner=rita), desk.add_customer(owner=rita)
        self.protect(desk, rita, first, 3)
        self.protect(desk, rita, second, 3)
        desk.ask(rita, protection.end, EndProtection(customer_id=second))
        assert told(desk, second)["type"] == "crm.holding.protection_ended.v1"
        season.pass_days(4)
        with calling(SERVICE), desk.database.transaction() as db:
            protection.end_what_is_over(db)
        assert told(desk, first)["type"] == "crm.holding.protection_ended.v1"
        assert {desk.holding(rita, each).protected_until for each in (first, second)} == {None}

    def test_a_move_ends_it(self, desk: Desk) -> None:
        rita, rolf = rep(), hired(desk, rep())
        customer = desk.add_customer(owner=rita)
        self.protect(desk, rita, customer, 3)
        desk.ask(ADMIN, handing.transfer, TransferHolding(customer_id=customer, owner_id=rolf.user_id))
        assert desk.holding(rolf, customer).protected_until is None

    def test_a_pool_says_how_long_and_how_many(self, desk: Desk) -> None:
        pool, rita = limited(desk, protections=2, protection_days=10), rep()
        customers = free(desk, pool, 3)
        desk.claim(rita, *customers, pool_id=pool)
        with pytest.raises(InvalidInput) as caught:
            self.protect(desk, rita, customers[0], 11)
        assert caught.value.fields[0].code == "holding.too_long"
        for each in (*customers[:2], customers[0]):
            self.protect(desk, rita, each, 10)
        with refused(Conflict, "holding.too_many_protected"):
            self.protect(desk, rita, customers[2], 1)

    def test_many_at_once_never_exceed_that(self, desk: Desk) -> None:
        pool, rita = limited(desk, protections=3), rep()
        customers = free(desk, pool, THREADS)
        desk.claim(rita, *customers, pool_id=pool)

        def work(number: int) -> int:
            try:
                self.protect(desk, rita, customers[number], 5)
            except Conflict:
                return 0
            return 1

        assert sum(all_at_once(work)) == 3

    def test_only_for_a_held_customer_that_one_answers_for(self, desk: Desk) -> None:
        rita, reader = rep(), rep()
        customer = desk.add_customer(owner=rita)
        desk.share(customer, reader)
        with refused(Conflict, "holding.not_held"):
            self.protect(desk, ADMIN, desk.add_customer(), 3)
        with refused(NotPermitted, "holding.read_only"):
            self.protect(desk, reader, customer, 3)
        with refused(NotFound, "holding.not_found"):
            self.protect(desk, rep(), customer, 3)
        with refused(Conflict, "holding.not_protected"):
            desk.ask(rita, protection.end, EndProtection(customer_id=customer))
