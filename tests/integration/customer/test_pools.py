"""Customers in a pool that is open to some people only."""

import pytest

from contracts.audiences import Audience
from contracts.customer.customers import Customer, ListCustomers
from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.pool.facts import PoolFacts
from contracts.pool.pools import PoolCreated, PoolLimits, PoolUpdated
from contracts.values import PoolRef
from servicekit.database import new_id
from servicekit.testing import calling, refused
from services.customer.operations import others
from tests.integration.customer.office import Office

EVERYBODY = ("rep", "colleague", "stranger", "manager", "admin", "auditor", "api_key")
CLOSED_TO = {"rep", "colleague", "manager"}
"""Those of one department; the pool is open to the other one."""


@pytest.fixture(scope="module")
def pool(office: Office) -> PoolRef:
    """Open to the stranger's department alone."""
    pool, audience = PoolRef(id=new_id(), name="Elsewhere"), Audience(departments=[office.elsewhere])
    office.hear(others.keep_pool, PoolCreated(pool_id=pool.id, name=pool.name, open_to=audience))
    return pool


@pytest.fixture(scope="module")
def waiting(office: Office, pool: PoolRef) -> Customer:
    """A customer in it."""
    return office.create(office.admin, "Waiting elsewhere", pool_id=pool.id)


class TestClosedPool:
    @pytest.mark.parametrize("who", EVERYBODY)
    def test_its_customers_are_there_for_those_who_are_meant_and_those_who_see_all(
        self, office: Office, waiting: Customer, who: str
    ) -> None:
        caller = getattr(office, who)
        listed = {each.id for each in office.ask(caller, ListCustomers(q="waiting elsewhere")).items}
        assert (waiting.id in listed) == (who not in CLOSED_TO)
        if who in CLOSED_TO:
            with refused(NotFound, "customer.not_found"):
                office.read(caller, waiting)
        else:
            office.read(caller, waiting)

    def test_a_manager_to_whom_it_is_closed_edits_none_of_them(self, office: Office, waiting: Customer) -> None:
        with refused(NotFound, "customer.not_found"):
            office.change(office.manager, waiting, note="Mine?")

    @pytest.mark.parametrize("who", sorted(CLOSED_TO))
    def test_to_whom_it_is_closed_adds_none_to_it(self, office: Office, pool: PoolRef, who: str) -> None:
        with refused(InvalidInput, "customer.unknown_pool"):
            office.create(getattr(office, who), "Into elsewhere", pool_id=pool.id)

    def test_who_is_meant_may(self, office: Office, pool: PoolRef) -> None:
        assert office.create(office.stranger, "From elsewhere", pool_id=pool.id).pool == pool


class TestChanges:
    def test_a_later_change_counts_for_customers_that_are_there_already(self, office: Office) -> None:
        pool_id = new_id()
        office.hear(others.keep_pool, PoolCreated(pool_id=pool_id, name="Moving"))
        made = office.create(office.admin, "In moving", pool_id=pool_id)
        office.read(office.rep, made)
        closed = {"open_to": Audience(users=[office.stranger.user_id]), "administrators": [office.colleague.user_id]}
        told = PoolUpdated(pool_id=pool_id, name="Moving", limits=PoolLimits(), changed=["open_to"], **closed)
        office.hear(others.keep_pool, told, sequence=2)
        with refused(NotFound, "customer.not_found"):
            office.read(office.rep, made)
        for caller in (office.stranger, office.colleague):
            office.read(caller, made)
        with refused(NotPermitted, "customer.read_only"):
            office.change(office.stranger, made, note="Seen")

    def test_a_copy_that_is_filled_anew_knows_it_too(self, office: Office) -> None:
        audience = Audience(users=[office.stranger.user_id])
        facts = PoolFacts(id=new_id(), name="Filled", open_to=audience, sequence=3)
        with calling(office.service), office.database.transaction() as db:
            assert others.keep_pool_facts(db, facts)
            assert not others.keep_pool_facts(db, facts)
        with refused(InvalidInput, "customer.unknown_pool"):
            office.create(office.rep, "Into filled", pool_id=facts.id)
