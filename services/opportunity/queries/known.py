"""What this service knows of customers and people, who live elsewhere."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from servicekit.context import Caller
from servicekit.merging import ends
from services.opportunity import models
from services.opportunity.queries.visibility import edits_customer, sees_customer
from services.opportunity.rules.imports import Choice, Colleague


class Standing(NamedTuple):
    """A customer as a decision needs it."""

    name: str
    owner_id: UUID | None
    visible: bool
    editable: bool
    unknown_owner_id: UUID | None
    """Its owner, when nobody has told of them yet."""


def standing(db: Session, caller: Caller, customer_id: UUID) -> Standing | None:
    """How a customer stands to a caller; None while this service has not been told its name."""
    customer = models.Customer
    unknown_owner_id = case((models.User.id.is_(None), customer.owner_id))
    statement = (
        select(customer.name, customer.owner_id, sees_customer(caller), edits_customer(caller), unknown_owner_id)
        .outerjoin(models.User, models.User.id == customer.owner_id)
        .where(customer.id == customer_id, customer.sequence > 0)
    )
    row = db.execute(statement).one_or_none()
    return None if row is None else Standing(*row)


def survivor_of(db: Session, caller: Caller, customer_id: UUID) -> UUID | None:
    """Where a customer that was merged leads, if the caller may see that; None for others."""
    end = ends(db, models.Customer, [customer_id]).get(customer_id)
    if end is None or end == customer_id:
        return None
    found = standing(db, caller, end)
    return end if found is not None and found.visible else None


def opportunities(db: Session, opportunity_ids: Collection[UUID]) -> Sequence[models.Opportunity]:
    """These opportunities, whoever may see them."""
    if not opportunity_ids:
        return ()
    record = models.Opportunity
    return db.scalars(select(record).where(record.id.in_(opportunity_ids)).order_by(record.id)).all()


def user_name(db: Session, user_id: UUID) -> str:
    """A person's name; empty until this service has heard of them."""
    return db.scalar(select(models.User.name).where(models.User.id == user_id)) or ""


def is_active(db: Session, user_id: UUID) -> bool:
    """Whether somebody is known here who works for the company."""
    return bool(db.scalar(select(models.User.active).where(models.User.id == user_id)))


def people_named(db: Session, folded_names: Collection[str]) -> list[Colleague]:
    """The people of these full or login names."""
    user = models.User
    named = or_(user.folded_name.in_(folded_names), user.folded_login_name.in_(folded_names))
    rows = db.execute(select(user.id, user.name, user.login_name, user.department_id, user.active).where(named))
    return [Colleague(*row) for row in rows]


def customers_named(db: Session, caller: Caller, folded_names: Collection[str]) -> tuple[list[Choice], set[str]]:
    """The customers of these names that the caller may see, and the folded names that nobody known here has.

    None of them can be merged or deleted until the transaction ends.
    """
    customer = models.Customer
    named = select(customer.id, customer.name, customer.folded_name, sees_customer(caller).label("visible"))
    found = named.where(customer.folded_name.in_(folded_names)).order_by(customer.id)
    rows = db.execute(found.with_for_update(read=True, key_share=True, of=customer)).all()
    return [Choice(row.id, row.name) for row in rows if row.visible], set(folded_names) - {
        row.folded_name for row in rows
    }
