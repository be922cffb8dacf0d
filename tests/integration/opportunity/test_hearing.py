"""What the service keeps of people and customers by events: right in the end in whatever order they come."""

from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.customer.customers import CustomerUpdated
from contracts.identity.users import UserUpdated
from contracts.pool.claims import HoldingClaimed
from contracts.pool.holdings import HoldingReleased
from contracts.values import Lifecycle, Role
from servicekit.database import Database, new_id
from services.opportunity import models
from services.opportunity.operations import known
from tests.integration.opportunity.desk import ADMIN, Desk, customer_created, user_created

OWNER, SUCCESSOR, POOL = new_id(), new_id(), new_id()


class TestKeepUser:
    def test_people_are_shown_by_their_present_name(self, desk: Desk) -> None:
        rep, opened = desk.opened()
        renamed = UserUpdated(**user_created(rep.user_id, name="Rita Smith").model_dump(), changed=["full_name"])

        desk.hear(known.keep_user, renamed, sequence=2)
        desk.hear(known.keep_user, user_created(rep.user_id, name="Rita Reed"), sequence=1)

        assert [each.owner.name for each in desk.first_page(rep)] == ["Rita Smith"]
        assert [span.by for span in desk.history(opened.id)] == ["Rita Smith"]

    def test_people_are_found_by_their_present_name(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        renamed = UserUpdated(**user_created(rep.user_id, name="Rita Smith").model_dump(), changed=["full_name"])

        desk.hear(known.keep_user, renamed, sequence=2)

        assert len(desk.take_in(ADMIN, {"owner": "rita smith"}).imported) == 1

    def test_somebody_not_heard_of_yet_has_an_empty_name(self, desk: Desk) -> None:
        opened = desk.open(ADMIN, desk.customer())

        assert opened.owner.name == ""
        assert [span.by for span in desk.history(opened.id)] == [ADMIN.name]


class TestKeepCustomer:
    def test_customers_are_shown_and_found_by_their_present_name(self, desk: Desk) -> None:
        rep, opened = desk.opened()
        assert opened.customer is not None

        desk.hear(known.keep_customer, customer_updated(opened.customer.id, name="Acme Trading"), sequence=2)
        desk.someone(Role.REP, name="Otto")
        desk.take_in(ADMIN, {"owner": "Otto", "customer": "ACME trading"})

        names = [each.customer.name for each in desk.first_page(rep) if each.customer]
        assert names == ["Acme Trading", "Acme Trading"]


class TestKeepHolder:
    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_name_and_holder_are_right_in_whatever_order_the_events_come(
        self, desk: Desk, database: Database, order: tuple[int, ...]
    ) -> None:
        acme = new_id()
        created = customer_created(acme, name="Acme", owner_id=OWNER)
        updated = customer_updated(acme, name="Acme Trading")
        tell = [
            lambda: desk.hear(known.keep_customer, created, sequence=1),
            lambda: desk.hear(known.keep_customer, updated, sequence=2),
            lambda: desk.hear(known.keep_holder, released(acme), sequence=1),
            lambda: desk.hear(known.keep_holder, claimed(acme, by=SUCCESSOR), sequence=2),
        ]

        for each in order:
            tell[each]()

        assert kept(database, acme) == ("Acme Trading", SUCCESSOR, None)

    def test_a_released_customer_waits_in_its_pool(self, desk: Desk, database: Database) -> None:
        acme = desk.customer(owner=desk.someone(Role.REP))

        desk.hear(known.keep_holder, released(acme))

        assert kept(database, acme) == ("Acme", None, POOL)


def kept(database: Database, customer_id: UUID) -> tuple[str, UUID | None, UUID | None]:
    """The service's own copy."""
    customer = models.Customer
    statement = select(customer.name, customer.owner_id, customer.pool_id).where(customer.id == customer_id)
    with database.transaction() as db:
        name, owner_id, pool_id = db.execute(statement).one()
        return name, owner_id, pool_id


def customer_updated(customer_id: UUID, *, name: str) -> CustomerUpdated:
    """A customer has another name."""
    return CustomerUpdated(
        customer_id=customer_id,
        kind="company",
        name=name,
        lifecycle=Lifecycle.PROSPECT,
        level=None,
        tags=[],
        changed=["name"],
    )


def claimed(customer_id: UUID, *, by: UUID) -> HoldingClaimed:
    """Somebody took a customer out of its pool."""
    return HoldingClaimed(customer_id=customer_id, customer_name="Acme", owner_id=by, pool_id=POOL)


def released(customer_id: UUID) -> HoldingReleased:
    """A customer went to a pool."""
    return HoldingReleased(
        customer_id=customer_id,
        customer_name="Acme",
        former_owner_id=OWNER,
        pool_id=POOL,
        pool_name="Open customers",
        reason="workload",
    )
