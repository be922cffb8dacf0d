"""The opportunity service as its tests use it: its operations on a real database, under one caller after another."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, event, text
from sqlalchemy.orm import Session

from contracts.base import Event, Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.identity.users import UserCreated
from contracts.opportunity.imports import ImportOpportunities, OpportunityRow
from contracts.opportunity.opportunities import (
    CreateOpportunity,
    ListOpportunities,
    ListStageHistory,
    LoseOpportunity,
    MoveOpportunity,
    Opportunity,
    StageSpan,
    UpdateOpportunity,
    WinOpportunity,
)
from contracts.opportunity.pipelines import Stage
from contracts.opportunity.products import CreateProduct, Product
from contracts.pool.claims import HoldingClaimed
from contracts.values import Actor, ImportResult, Lifecycle, Money, Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.messaging_tables import outbox
from servicekit.testing import calling, process_named, user_of
from services.opportunity import models
from services.opportunity.operations import catalogue, imports, known, moves, opportunities

T = TypeVar("T")
Asked = TypeVar("Asked")
OURSELVES = process_named("opportunity")
ADMIN = user_of(Role.ADMIN, name="Ada")
AUDITOR = user_of(Role.AUDITOR, name="Aude")
PROGRAM = user_of(Role.INTEGRATION, name="Billing")


class Desk:
    """Asks the service, tells it events, and reads what it announced."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, caller: Caller, operation: Callable[[Session, Asked], T], request: Asked) -> T:
        """One RPC: one transaction on behalf of the caller."""
        with calling(caller), self.database.transaction() as db:
            return operation(db, request)

    def hear(self, handle: Callable[[Session, Any], None], event: Event, *, sequence: int = 1) -> None:
        """One event, handled in one transaction."""
        self.ask(OURSELVES, handle, received(event, sequence=sequence))

    def someone(
        self, role: Role, *, name: str = "Rita", department: UUID | None = None, active: bool = True, **facts: Any
    ) -> Caller:
        """A person of this role, of whom the service has heard."""
        who = user_of(role, name=name, department=department, **facts)
        self.hear(known.keep_user, user_created(who.user_id, name=name, department=department, active=active))
        return who

    def customer(self, *, owner: Caller | None = None, pool_id: UUID | None = None, name: str = "Acme") -> UUID:
        """A customer that somebody holds, or a pool."""
        owner_id = None if owner is None else owner.user_id
        created = customer_created(new_id(), name=name, owner_id=owner_id, pool_id=pool_id)
        self.hear(known.keep_customer, created)
        return created.customer_id

    def share(self, customer_id: UUID, *, sequence: int = 2, **access: Caller) -> None:
        """From now on these see it besides its owner: `read=`, or `edit=` who may also edit it."""
        shared = [{"user_id": who.user_id, "access": how} for how, who in access.items()]
        facts = customer_updated(customer_id, collaborators=shared)
        self.hear(known.keep_customer, facts, sequence=sequence)

    def hand_over(self, customer_id: UUID, *, to: Caller) -> None:
        """Another one holds the customer from now on."""
        taken = HoldingClaimed(customer_id=customer_id, customer_name="", owner_id=to.user_id, pool_id=new_id())
        self.hear(known.keep_holder, taken)

    def product(self, name: str = "GTX Pro", price: str = "4821") -> Product:
        """Something to sell."""
        return self.ask(ADMIN, catalogue.create_product, CreateProduct(name=name, price=usd(price)))

    def stages(self) -> tuple[Stage, ...]:
        """The stages of the pipeline that a company starts with."""
        with calling(ADMIN), self.database.transaction() as db:
            found = catalogue.list_pipelines(db)
        return tuple(next(pipeline for pipeline in found.items if pipeline.default).stages)

    def open(self, caller: Caller, customer_id: UUID, **fields: Any) -> Opportunity:
        """An opportunity on a customer."""
        request = CreateOpportunity(customer_id=customer_id, **{"name": "Forty seats", **fields})
        return self.ask(caller, opportunities.create, request)

    def opened(self, **fields: Any) -> tuple[Caller, Opportunity]:
        """An opportunity on a rep's own customer, and the rep."""
        rep = self.someone(Role.REP)
        return rep, self.open(rep, self.customer(owner=rep), **fields)

    def move(self, caller: Caller, opportunity_id: UUID, stage_id: UUID) -> Opportunity:
        """To another stage."""
        return self.ask(caller, moves.move, MoveOpportunity(opportunity_id=opportunity_id, stage_id=stage_id))

    def win(self, caller: Caller, opportunity_id: UUID, **fields: Any) -> Opportunity:
        """Close as won."""
        return self.ask(caller, moves.win, WinOpportunity(opportunity_id=opportunity_id, **fields))

    def lose(self, caller: Caller, opportunity_id: UUID, **fields: Any) -> Opportunity:
        """Close as lost."""
        request = LoseOpportunity(opportunity_id=opportunity_id, **{"reason": "Price", **fields})
        return self.ask(caller, moves.lose, request)

    def update(self, caller: Caller, before: Opportunity, **changes: Any) -> Opportunity:
        """Change fields of an opportunity as it was read."""
        request = UpdateOpportunity.model_validate(
            {"opportunity_id": before.id, "version": before.version, "changes": changes}
        )
        return self.ask(caller, opportunities.update, request)

    def first_page(self, caller: Caller, **fields: Any) -> list[Opportunity]:
        """The first page of the caller's list."""
        return self.ask(caller, opportunities.list_opportunities, ListOpportunities(**fields)).items

    def listed(self, caller: Caller, **fields: Any) -> list[UUID]:
        """Those that stand on it."""
        return [item.id for item in self.first_page(caller, **fields)]

    def history(self, opportunity_id: UUID) -> list[StageSpan]:
        """The way of an opportunity."""
        request = ListStageHistory(opportunity_id=opportunity_id)
        return self.ask(AUDITOR, opportunities.list_stage_history, request).items

    def take_in(self, caller: Caller, *rows: dict[str, Any]) -> ImportResult:
        """Import these rows."""
        return self.ask(caller, imports.import_opportunities, ImportOpportunities(rows=[row(**each) for each in rows]))

    def announced(self, subject: UUID) -> list[dict[str, Any]]:
        """The events about a record, in their order, as they go to the broker."""
        statement = text("SELECT body FROM outbox WHERE subject = :subject ORDER BY position")
        with self.database.transaction() as db:
            return [json.loads(body) for body in db.scalars(statement, {"subject": subject})]

    @contextmanager
    def counting_statements(self) -> Iterator[list[str]]:
        """The statements that are sent to the database meanwhile."""
        sent: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            sent.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)

    def clear(self) -> None:
        """Forget everything but the first pipeline, so that each test counts its own."""
        default = models.Pipeline.is_default
        with self.database.transaction() as db:
            for model in (models.StageSpan, models.Opportunity, models.Product, models.Customer, models.User):
                db.execute(delete(model))
            added = db.query(models.Pipeline.id).where(~default)
            db.execute(delete(models.Stage).where(models.Stage.pipeline_id.in_(added.scalar_subquery())))
            db.execute(delete(models.Pipeline).where(~default))
            db.execute(outbox.delete())


def usd(amount: str) -> Money:
    """Dollars."""
    return Money(amount=Decimal(amount), currency="USD")


def row(**fields: Any) -> OpportunityRow:
    """A row of an import: Rita engages somebody about a GTX Pro, unless said otherwise."""
    given = {"external_id": "A1", "owner": "Rita", "stage": "Engaging", "engaged_on": "2017-01-02", **fields}
    return OpportunityRow.model_validate(given)


def received(event: Event, *, sequence: int) -> Received[Any]:
    """An event as a handler gets it."""
    return Received[Any](
        id=new_id(),
        source=f"/crm/{event.source}",
        type=event.wire_type(),
        subject=event.subject,
        time=clock.now(),
        sequence=sequence,
        actor=Actor(kind="system", id=event.source, name=event.source),
        data=event,
    )


def user_created(user_id: UUID, *, name: str, department: UUID | None = None, active: bool = True) -> UserCreated:
    """A person was added; the login name of `Anna Snelling` is `anna.snelling`."""
    return UserCreated(
        user_id=user_id,
        name=name.lower().replace(" ", "."),
        full_name=name,
        role=Role.REP,
        department_id=department,
        language="en",
        time_zone="UTC",
        active=active,
    )


def customer_created(
    customer_id: UUID, *, name: str, owner_id: UUID | None = None, pool_id: UUID | None = None
) -> CustomerCreated:
    """A customer was added."""
    return CustomerCreated(
        customer_id=customer_id,
        kind="company",
        name=name,
        lifecycle=Lifecycle.LEAD,
        level=None,
        tags=[],
        owner_id=owner_id,
        pool_id=pool_id,
    )


def customer_updated(customer_id: UUID, **fields: Any) -> CustomerUpdated:
    """A customer was changed."""
    return CustomerUpdated(
        customer_id=customer_id,
        kind="company",
        name="Acme",
        lifecycle=Lifecycle.LEAD,
        level=None,
        tags=[],
        changed=list(fields),
        **fields,
    )
