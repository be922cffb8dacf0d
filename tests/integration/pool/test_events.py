"""What other services tell: new customers, new names, people; in whatever order it arrives."""

from uuid import UUID

from contracts.identity.users import UserUpdated
from contracts.values import Role
from servicekit import clock
from servicekit.database import new_id
from services.pool.operations import known
from tests.integration.pool.desk import (
    ADMIN,
    SERVICE,
    Desk,
    customer_created,
    customer_renamed,
    manager_of,
    received,
    rep,
)


class TestHoldNewCustomer:
    def test_a_customer_created_for_somebody_is_theirs_from_its_creation_on(self, desk: Desk) -> None:
        me, customer_id, created_at = rep(), new_id(), clock.now()
        event = received(customer_created(customer_id, owner=me), at=created_at)
        desk.ask(SERVICE, known.hold_new_customer, event)
        (span,) = desk.history(customer_id)
        assert span.owner is not None
        assert (span.owner.id, span.since, span.began, span.until) == (me.user_id, created_at, "created", None)

    def test_hearing_of_it_twice_changes_nothing(self, desk: Desk) -> None:
        customer_id = new_id()
        for owner in (None, rep()):
            desk.handle(known.hold_new_customer, customer_created(customer_id, owner=owner))
        assert desk.holding(ADMIN, customer_id).owner is None
        assert len(desk.history(customer_id)) == 1


class TestKeepCustomerName:
    def test_the_holding_shows_the_present_name(self, desk: Desk) -> None:
        customer_id = desk.add_customer(name="Acme")
        desk.handle(known.keep_customer_name, customer_renamed(customer_id, "Acme Europe"), sequence=2)
        assert desk.holding(ADMIN, customer_id).customer.name == "Acme Europe"

    def test_a_name_that_overtook_the_creation_stays(self, desk: Desk) -> None:
        customer_id = new_id()
        desk.handle(known.keep_customer_name, customer_renamed(customer_id, "Acme Europe"), sequence=2)
        desk.handle(known.hold_new_customer, customer_created(customer_id, name="Acme"), sequence=1)
        assert desk.holding(ADMIN, customer_id).customer.name == "Acme Europe"

    def test_an_earlier_name_that_comes_late_is_passed_over(self, desk: Desk) -> None:
        customer_id = desk.add_customer(name="Acme")
        for sequence, name in ((3, "Acme Asia"), (2, "Acme Europe")):
            desk.handle(known.keep_customer_name, customer_renamed(customer_id, name), sequence=sequence)
        assert desk.holding(ADMIN, customer_id).customer.name == "Acme Asia"


class TestKeepUser:
    def test_who_changes_department_is_seen_by_the_new_manager(self, desk: Desk) -> None:
        north, south = new_id(), new_id()
        owner = rep(north)
        desk.add_user(owner)
        desk.add_customer(owner=owner)
        desk.handle(known.keep_user, moved(owner.user_id, south), sequence=2)
        assert desk.holding(manager_of(south), desk.add_customer(owner=owner)).owner is not None


def moved(user_id: UUID, department_id: UUID) -> UserUpdated:
    """The identity service's word of somebody's new department."""
    return UserUpdated(
        user_id=user_id,
        name="rita",
        full_name="Rita",
        role=Role.REP,
        department_id=department_id,
        language="en",
        time_zone="UTC",
        active=True,
        changed=["department_id"],
    )
