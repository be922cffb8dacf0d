"""Claiming customers out of a pool: who gets what, and what is kept and announced of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.errors import NotFound, NotPermitted
from contracts.pool.claims import ClaimCustomers, ClaimStatus
from contracts.pool.pools import DEFAULT_POOL_ID
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from services.pool.operations import claims, known
from tests.integration.pool.desk import (
    ADMIN,
    AUDITOR,
    PROGRAM,
    SERVICE,
    Desk,
    assert_legal,
    customer_created,
    manager_of,
    rep,
)

CLAIMED, ALREADY, NOT_VISIBLE = ClaimStatus.CLAIMED, ClaimStatus.ALREADY_CLAIMED, ClaimStatus.NOT_VISIBLE


class TestClaim:
    def test_a_free_customer_becomes_the_claimers(self, desk: Desk) -> None:
        me, customer_id = rep(), desk.add_customer(name="Acme")
        assert desk.claim(me, customer_id) == [CLAIMED]
        holding = desk.holding(me, customer_id)
        assert holding.owner is not None
        assert holding.owner.id == me.user_id
        assert holding.pool is None

    def test_the_claim_is_announced_once_with_who_did_it(self, desk: Desk) -> None:
        me, customer_id = rep(), desk.add_customer(name="Acme")
        desk.claim(me, customer_id)
        desk.claim(me, customer_id)
        (event,) = desk.announced(customer_id)
        assert event["type"] == "crm.holding.claimed.v1"
        assert event["actor"] == f"user:{me.id}"
        assert event["data"] == {
            "customer_id": str(customer_id),
            "customer_name": "Acme",
            "owner_id": me.id,
            "pool_id": str(DEFAULT_POOL_ID),
        }

    def test_the_history_goes_from_pool_to_owner_without_a_gap(self, desk: Desk) -> None:
        me, customer_id = rep(), desk.add_customer()
        desk.claim(me, customer_id)
        history = desk.history(customer_id)
        assert [(span.began, span.ended) for span in history] == [("claimed", None), ("created", "claimed")]
        assert_legal(history)

    def test_each_customer_of_a_batch_answers_by_itself_in_the_order_of_the_request(self, desk: Desk) -> None:
        me, colleague, other_pool = rep(), rep(), desk.add_pool("Retail")
        free, theirs, mine = desk.add_customer(), desk.add_customer(owner=colleague), desk.add_customer(owner=me)
        elsewhere, nobodys = desk.add_customer(pool_id=other_pool), new_id()
        asked = [theirs, free, elsewhere, mine, nobodys, free]
        assert desk.claim(me, *asked) == [ALREADY, CLAIMED, NOT_VISIBLE, ALREADY, NOT_VISIBLE, ALREADY]

    def test_a_batch_of_the_largest_size_is_claimed_whole(self, desk: Desk) -> None:
        me, customer_ids = rep(), [desk.add_customer() for _ in range(200)]
        assert desk.claim(me, *customer_ids) == [CLAIMED] * 200
        assert [len(desk.announced(each)) for each in customer_ids] == [1] * 200

    def test_customers_of_another_pool_are_claimed_out_of_that_pool(self, desk: Desk) -> None:
        me, other_pool = rep(), desk.add_pool("Public sector")
        customer_id = desk.add_customer(pool_id=other_pool)
        assert desk.claim(me, customer_id, pool_id=other_pool) == [CLAIMED]

    def test_a_customer_that_can_not_be_looked_up_says_so_and_the_others_are_claimed(self, desk: Desk) -> None:
        me, known, unheard_of = rep(), desk.add_customer(), new_id()
        request = ClaimCustomers(pool_id=DEFAULT_POOL_ID, customer_ids=[unheard_of, known])
        missed, won = desk.ask(me, claims.claim, request).items
        assert (missed.status, won.status) == (NOT_VISIBLE, CLAIMED)
        assert missed.detail == "This customer is new and can't be looked up right now; try again in a moment."

    def test_a_customer_whose_event_comes_late_keeps_its_claimer(self, desk: Desk) -> None:
        me, customer_id = rep(), desk.add_customer()
        desk.claim(me, customer_id)
        desk.handle(known.hold_new_customer, customer_created(customer_id))
        holding = desk.holding(me, customer_id)
        assert holding.owner is not None
        assert holding.owner.id == me.user_id
        assert len(desk.history(customer_id)) == 2

    def test_a_machine_whose_clock_is_behind_does_not_turn_history_back(self, desk: Desk) -> None:
        me, customer_id = rep(), desk.add_customer(at=clock.now() + timedelta(hours=1))
        desk.claim(me, customer_id)
        desk.release(me, customer_id)
        assert_legal(desk.history(customer_id))

    @pytest.mark.parametrize("claimer", [manager_of(new_id()), ADMIN], ids=["manager", "admin"])
    def test_managers_and_administrators_become_owners_themselves(self, desk: Desk, claimer: Caller) -> None:
        customer_id = desk.add_customer()
        assert desk.claim(claimer, customer_id) == [CLAIMED]
        owner = desk.holding(claimer, customer_id).owner
        assert owner is not None
        assert owner.id == claimer.user_id

    @pytest.mark.parametrize("caller", [AUDITOR, PROGRAM, SERVICE], ids=["auditor", "integration", "system"])
    def test_who_can_not_hold_customers_is_refused_and_gets_none(self, desk: Desk, caller: Caller) -> None:
        customer_id = desk.add_customer()
        with pytest.raises(NotPermitted) as refused:
            desk.claim(caller, customer_id)
        assert refused.value.code == "pool.claimers_only"
        assert len(desk.history(customer_id)) == 1

    def test_an_unknown_pool_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as missed:
            desk.claim(rep(), desk.add_customer(), pool_id=UUID(int=7))
        assert missed.value.code == "pool.not_found"
