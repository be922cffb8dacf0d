"""What a test does with the pool service: each step is a real transaction on a real database, on behalf of somebody."""

import json
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy
from pydantic import BaseModel
from sqlalchemy.orm import Session

from contracts.base import Event, Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.identity.users import UserCreated
from contracts.pool.claims import ClaimCustomers, ClaimStatus
from contracts.pool.holdings import GetHolding, Holding, HoldingSpan, ListHoldingHistory, ReleaseHolding, ReleaseReason
from contracts.pool.pools import DEFAULT_POOL_ID, CreatePool
from contracts.values import Actor, Lifecycle, Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, user_of
from services.pool.operations import claims, handing, holdings, known, pools

Q = TypeVar("Q", bound=BaseModel)
A = TypeVar("A")

ADMIN = user_of(Role.ADMIN, name="Ada")
AUDITOR = user_of(Role.AUDITOR, name="Aude")
PROGRAM = user_of(Role.INTEGRATION, name="Billing")
SERVICE = process_named("pool")


def rep(department: UUID | None = None) -> Caller:
    """A new salesperson."""
    return user_of(Role.REP, name="Rita", department=department)


def manager_of(*departments: UUID) -> Caller:
    """A new manager who answers for these departments."""
    return user_of(Role.MANAGER, name="Max", departments=departments)


class Desk:
    """The pool service's operations over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, caller: Caller, operation: Callable[[Session, Q], A], request: Q) -> A:
        """One request of somebody, in a transaction of its own."""
        with calling(caller), self.database.transaction() as db:
            return operation(db, request)

    def handle(self, handler: Callable[[Session, Any], None], event: Event, *, sequence: int = 1) -> None:
        """Let a handler have an event, as if it had arrived."""
        self.ask(SERVICE, handler, received(event, sequence=sequence))

    def add_customer(
        self,
        *,
        owner: Caller | None = None,
        pool_id: UUID | None = None,
        name: str = "Acme",
        at: datetime | None = None,
    ) -> UUID:
        """A new customer: somebody's, or free in a pool (the default one)."""
        created = customer_created(new_id(), owner=owner, pool_id=pool_id, name=name)
        self.ask(SERVICE, known.hold_new_customer, received(created, at=at))
        return created.customer_id

    def share(self, customer_id: UUID, colleague: Caller) -> None:
        """From now on somebody may edit it besides its owner."""
        shared = [{"user_id": colleague.user_id, "access": "edit"}]
        self.handle(known.keep_customer_name, customer_updated(customer_id, collaborators=shared), sequence=2)

    def add_user(self, user: Caller) -> None:
        """Let the service hear of a person."""
        event = UserCreated(
            user_id=user.user_id,
            name=user.name.lower(),
            full_name=user.name,
            role=Role(user.role),
            department_id=user.department,
            language="en",
            time_zone="UTC",
            active=True,
        )
        self.handle(known.keep_user, event)

    def add_pool(self, name: str, **who: Any) -> UUID:
        """One more pool, which may be open to some people only."""
        return self.ask(ADMIN, pools.create_pool, CreatePool(name=name, **who)).id

    def claim(self, caller: Caller, *customer_ids: UUID, pool_id: UUID = DEFAULT_POOL_ID) -> list[ClaimStatus]:
        """How each customer is answered."""
        request = ClaimCustomers(pool_id=pool_id, customer_ids=list(customer_ids))
        return [item.status for item in self.ask(caller, claims.claim, request).items]

    def release(self, caller: Caller, customer_id: UUID, **more: Any) -> Holding:
        """Give a customer back for want of a budget."""
        request = ReleaseHolding(customer_id=customer_id, **({"reason": ReleaseReason.NO_BUDGET} | more))
        return self.ask(caller, handing.release, request)

    def holding(self, caller: Caller, customer_id: UUID) -> Holding:
        """Who holds a customer, as somebody sees it."""
        return self.ask(caller, holdings.get_holding, GetHolding(customer_id=customer_id))

    def history(self, customer_id: UUID) -> list[HoldingSpan]:
        """All stretches of a customer's life, latest first."""
        request = ListHoldingHistory(customer_id=customer_id)
        return self.ask(AUDITOR, holdings.list_holding_history, request).items

    def announced(self, subject: UUID) -> list[dict[str, Any]]:
        """The events about a record, in their order, as they go to the broker."""
        statement = sqlalchemy.text("SELECT body FROM outbox WHERE subject = :subject ORDER BY position")
        with self.database.transaction() as db:
            return [json.loads(body) for body in db.scalars(statement, {"subject": subject})]


def customer_created(
    customer_id: UUID, *, owner: Caller | None = None, pool_id: UUID | None = None, name: str = "Acme"
) -> CustomerCreated:
    """The customer service's word of a new customer."""
    return CustomerCreated(
        customer_id=customer_id,
        kind="company",
        name=name,
        lifecycle=Lifecycle.LEAD,
        level=None,
        tags=[],
        owner_id=owner.user_id if owner else None,
        pool_id=None if owner else pool_id or DEFAULT_POOL_ID,
    )


def customer_renamed(customer_id: UUID, name: str) -> CustomerUpdated:
    """The customer service's word of a new name."""
    return customer_updated(customer_id, name=name)


def customer_updated(customer_id: UUID, *, name: str = "Acme", **fields: Any) -> CustomerUpdated:
    """The customer service's word of a change."""
    return CustomerUpdated(
        customer_id=customer_id,
        kind="company",
        name=name,
        lifecycle=Lifecycle.LEAD,
        level=None,
        tags=[],
        changed=["name", *fields],
        **fields,
    )


def received(event: Event, *, sequence: int = 1, at: datetime | None = None) -> Received[Any]:
    """An event as a handler gets it."""
    return Received[Any](
        id=new_id(),
        source=f"/crm/{event.source}",
        type=event.wire_type(),
        subject=event.subject,
        time=at or clock.now(),
        sequence=sequence,
        actor=Actor(kind="system", id=event.source, name=event.source),
        data=event,
    )


def assert_legal(history: list[HoldingSpan]) -> None:
    """No gap, no overlap, one holder at a time, and each stretch begins the way the one before it ended."""
    assert history[0].until is None
    assert history[-1].began == "created"
    for span in history:
        assert (span.owner is None) != (span.pool is None)
        assert span.until is None or span.since <= span.until
    for later, earlier in pairwise(history):
        assert earlier.until == later.since
        assert earlier.ended == later.began
        taken_from_a_pool = earlier.pool is not None and later.owner is not None
        assert later.began == ("claimed" if taken_from_a_pool else "released")
        assert (earlier.pool is None) != (later.pool is None)
