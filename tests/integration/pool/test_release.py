"""Releasing a customer: who may, where it goes, and what is kept and announced of it."""

import pytest

from contracts.errors import Conflict, NotFound, NotPermitted, Unavailable
from contracts.pool.claims import ClaimStatus
from contracts.pool.holdings import ReleaseReason
from contracts.pool.pools import DEFAULT_POOL_ID
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, SERVICE, Desk, assert_legal, manager_of, rep


class TestRelease:
    def test_a_released_customer_goes_to_the_default_pool(self, desk: Desk) -> None:
        me = rep()
        holding = desk.release(me, desk.add_customer(owner=me))
        assert holding.owner is None
        assert holding.pool is not None
        assert (holding.pool.id, holding.pool.name) == (DEFAULT_POOL_ID, "Open customers")

    def test_it_goes_to_the_pool_that_is_named(self, desk: Desk) -> None:
        me, retail = rep(), desk.add_pool("Retail")
        holding = desk.release(me, desk.add_customer(owner=me), pool_id=retail)
        assert holding.pool is not None
        assert holding.pool.name == "Retail"

    def test_the_release_is_announced_with_its_reason(self, desk: Desk) -> None:
        me = rep()
        customer_id = desk.add_customer(owner=me, name="Acme")
        desk.release(me, customer_id, reason=ReleaseReason.WRONG_FIT, note="they want shoes")
        (event,) = desk.announced(customer_id)
        assert event["type"] == "crm.holding.released.v1"
        assert event["actor"] == f"user:{me.id}"
        assert event["data"] == {
            "customer_id": str(customer_id),
            "customer_name": "Acme",
            "former_owner_id": me.id,
            "pool_id": str(DEFAULT_POOL_ID),
            "pool_name": "Open customers",
            "reason": "wrong_fit",
        }

    def test_the_history_keeps_the_reason_and_the_note_with_the_stretch_that_ended(self, desk: Desk) -> None:
        me = rep()
        customer_id = desk.add_customer(owner=me)
        desk.release(me, customer_id, reason=ReleaseReason.OTHER, note="moved to Oslo")
        present, past = desk.history(customer_id)
        assert (past.ended, past.reason, past.note) == ("released", "other", "moved to Oslo")
        assert (present.began, present.reason, present.note) == ("released", "", "")

    def test_a_released_customer_can_be_claimed_by_somebody_else(self, desk: Desk) -> None:
        me, colleague = rep(), rep()
        customer_id = desk.add_customer(owner=me)
        desk.release(me, customer_id)
        assert desk.claim(colleague, customer_id) == [ClaimStatus.CLAIMED]
        history = desk.history(customer_id)
        assert [span.owner and span.owner.id for span in history] == [colleague.user_id, None, me.user_id]
        assert_legal(history)

    def test_the_owners_manager_may_release_it(self, desk: Desk) -> None:
        north = new_id()
        owner = rep(north)
        desk.add_user(owner)
        assert desk.release(manager_of(north), desk.add_customer(owner=owner)).owner is None

    def test_an_administrator_may_release_it(self, desk: Desk) -> None:
        assert desk.release(ADMIN, desk.add_customer(owner=rep())).owner is None

    def test_the_manager_of_other_people_does_not_find_it(self, desk: Desk) -> None:
        owner = rep(new_id())
        desk.add_user(owner)
        customer_id = desk.add_customer(owner=owner)
        with pytest.raises(NotFound) as missed:
            desk.release(manager_of(new_id()), customer_id)
        assert missed.value.code == "holding.not_found"

    def test_another_service_may_not(self, desk: Desk) -> None:
        with refused(NotPermitted, "holding.read_only"):
            desk.release(SERVICE, desk.add_customer(owner=rep()))

    def test_a_colleague_does_not_find_it(self, desk: Desk) -> None:
        customer_id = desk.add_customer(owner=rep())
        with pytest.raises(NotFound) as missed:
            desk.release(rep(), customer_id)
        assert missed.value.code == "holding.not_found"

    def test_an_api_key_may_release_it(self, desk: Desk) -> None:
        assert desk.release(PROGRAM, desk.add_customer(owner=rep())).owner is None

    def test_who_may_only_read_is_refused(self, desk: Desk) -> None:
        customer_id = desk.add_customer(owner=rep())
        with pytest.raises(NotPermitted) as refused:
            desk.release(AUDITOR, customer_id)
        assert refused.value.code == "holding.read_only"

    def test_a_customer_in_a_pool_can_not_be_released_again(self, desk: Desk) -> None:
        me = rep()
        customer_id = desk.add_customer(owner=me)
        desk.release(me, customer_id)
        with pytest.raises(Conflict) as refused:
            desk.release(me, customer_id)
        assert refused.value.code == "holding.not_held"
        assert len(desk.history(customer_id)) == 2

    def test_an_unknown_pool_is_not_found_and_the_owner_keeps_the_customer(self, desk: Desk) -> None:
        me = rep()
        customer_id = desk.add_customer(owner=me)
        with pytest.raises(NotFound) as missed:
            desk.release(me, customer_id, pool_id=new_id())
        assert missed.value.code == "pool.not_found"
        assert desk.holding(me, customer_id).owner is not None

    def test_nobody_claims_to_know_a_customer_that_can_not_be_looked_up(self, desk: Desk) -> None:
        with pytest.raises(Unavailable):
            desk.release(rep(), new_id())


class TestCollaborators:
    @pytest.mark.parametrize("colleague", [rep(), manager_of(new_id())], ids=["rep", "manager"])
    def test_they_see_who_holds_it_but_release_nothing(self, desk: Desk, colleague: Caller) -> None:
        customer_id = desk.add_customer(owner=rep())
        with refused(NotFound, "holding.not_found"):
            desk.release(colleague, customer_id)
        desk.share(customer_id, colleague)
        assert desk.holding(colleague, customer_id).owner is not None
        with refused(NotPermitted, "holding.read_only"):
            desk.release(colleague, customer_id)
