"""What is kept of users, pools and holdings, against a real database."""

from datetime import timedelta

from contracts.customer.collaborators import ListCollaborators
from contracts.customer.customers import Customer
from contracts.identity.users import UserUpdated
from contracts.pool.assignments import HoldingTransferred
from contracts.pool.claims import HoldingClaimed
from contracts.pool.holdings import HoldingReleased
from contracts.pool.pools import PoolCreated
from contracts.values import PoolRef, Role, UserRef
from servicekit import company
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import user_of
from services.customer.operations import collaborators, others
from tests.integration.customer.office import Office


def claimed(customer: Customer, owner: Caller, pool: PoolRef) -> HoldingClaimed:
    """The announcement that somebody took the customer out of a pool."""
    return HoldingClaimed(customer_id=customer.id, customer_name=customer.name, owner_id=owner.user_id, pool_id=pool.id)


def released(customer: Customer, owner: Caller, pool: PoolRef) -> HoldingReleased:
    """The announcement that somebody gave the customer back."""
    return HoldingReleased(
        customer_id=customer.id,
        customer_name=customer.name,
        former_owner_id=owner.user_id,
        pool_id=pool.id,
        pool_name=pool.name,
        reason="other",
    )


def pool_of(office: Office) -> PoolRef:
    """A pool that the service has heard of."""
    pool = PoolRef(id=new_id(), name="North")
    office.hear(others.keep_pool, PoolCreated(pool_id=pool.id, name=pool.name))
    return pool


class TestFollowHolding:
    def test_a_claim_gives_the_customer_to_its_owner(self, office: Office) -> None:
        pool = pool_of(office)
        made = office.create(office.admin, "Taken", pool_id=pool.id)
        office.hear(others.follow_move, claimed(made, office.rep, pool))
        now = office.read(office.rep, made)
        assert (now.owner, now.pool) == (UserRef(id=office.rep.user_id, name="Rita"), None)
        assert (now.version, now.updated_at) == (made.version, made.updated_at)

    def test_a_release_puts_it_into_the_pool(self, office: Office) -> None:
        pool = pool_of(office)
        made = office.create(office.rep, "Freed")
        office.hear(others.follow_move, released(made, office.rep, pool))
        now = office.read(office.stranger, made)
        assert (now.owner, now.pool) == (None, pool)

    def test_who_handed_it_over_may_read_it_on_until_a_day(self, office: Office) -> None:
        made = office.create(office.rep, "Handed")
        until = company.today() + timedelta(days=5)
        moved = HoldingTransferred(
            customer_id=made.id,
            customer_name=made.name,
            owner_id=office.stranger.user_id,
            former_owner_id=office.rep.user_id,
            keep_until=until,
        )
        office.hear(others.follow_move, moved)
        office.hear(collaborators.keep_former_owner, moved)
        now = office.read(office.rep, made)
        assert now.owner is not None
        assert now.owner.id == office.stranger.user_id
        (shared,) = office.ask(office.stranger, ListCollaborators(customer_id=made.id)).items
        assert (shared.user.id, shared.access, shared.until) == (office.rep.user_id, "read", company.end_of(until))

    def test_an_earlier_fact_that_comes_late_changes_nothing(self, office: Office) -> None:
        pool = pool_of(office)
        made = office.create(office.admin, "Shuffled", pool_id=pool.id)
        office.hear(others.follow_move, released(made, office.rep, pool), sequence=2)
        office.hear(others.follow_move, claimed(made, office.rep, pool), sequence=1)
        assert office.read(office.admin, made).pool == pool

    def test_what_one_may_see_follows_at_once(self, office: Office) -> None:
        pool = pool_of(office)
        made = office.create(office.admin, "Visible", pool_id=pool.id)
        assert office.names(office.stranger, q="Visible") == ["Visible"]
        office.hear(others.follow_move, claimed(made, office.rep, pool))
        assert office.names(office.stranger, q="Visible") == []

    def test_a_customer_that_is_not_there_is_passed_over(self, office: Office) -> None:
        pool = pool_of(office)
        made = office.create(office.rep, "Elsewhere").model_copy(update={"id": new_id()})
        office.hear(others.follow_move, claimed(made, office.rep, pool))


class TestKeepUser:
    def test_a_move_to_another_department_moves_what_managers_see(self, office: Office) -> None:
        mover = user_of(Role.REP, name="Milo", department=office.department)
        office.introduce(mover)
        office.create(mover, "Moving")
        assert office.names(office.manager, q="Moving") == ["Moving"]
        moved = UserUpdated(
            user_id=mover.user_id,
            name="milo",
            full_name="Milo Moved",
            role=Role.REP,
            department_id=office.elsewhere,
            language="en",
            time_zone="UTC",
            active=True,
            changed=["department_id", "full_name"],
        )
        office.hear(others.keep_user, moved, sequence=2)
        assert office.names(office.manager, q="Moving") == []
        office.introduce(mover)  # the first fact again, late
        assert office.names(office.manager, q="Moving") == []
