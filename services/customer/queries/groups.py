"""The companies around a company: those it belongs to, and those that belong to it."""

from uuid import UUID

from sqlalchemy import CTE, literal, select
from sqlalchemy.orm import Session

from contracts.customer.customers import Customer
from contracts.values import CustomerRef
from servicekit.context import Caller
from services.customer import models
from services.customer.queries.rights import visible_to

_MOST = 50
"""Companies that are named in either direction."""


def above(db: Session, caller: Caller, company: Customer) -> list[CustomerRef]:
    """The companies that one belongs to, the topmost first; of those, what the caller may see."""
    if company.parent_id is None:
        return []
    record = models.Customer
    chain = _chain(company.parent_id)
    seen = select(record.id, record.name).join(chain, chain.c["id"] == record.id).where(visible_to(caller))
    return [CustomerRef(id=id_, name=name) for id_, name in db.execute(seen.order_by(chain.c["depth"].desc()))]


def below(db: Session, caller: Caller, company: Customer) -> list[CustomerRef]:
    """The companies that belong to one directly, by name; of those, what the caller may see."""
    record = models.Customer
    seen = select(record.id, record.name).where(record.parent_id == company.id, visible_to(caller))
    rows = db.execute(seen.order_by(record.folded_name, record.id).limit(_MOST))
    return [CustomerRef(id=id_, name=name) for id_, name in rows]


def _chain(first: UUID) -> CTE:
    record = models.Customer
    chain = select(record.id, record.parent_id, literal(1).label("depth")).where(record.id == first)
    above = chain.cte("chain", recursive=True)
    further = select(record.id, record.parent_id, above.c["depth"] + 1).join(above, record.id == above.c["parent_id"])
    return above.union_all(further.where(above.c["depth"] < _MOST))
