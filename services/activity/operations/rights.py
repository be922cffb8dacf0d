"""Customers that a caller may see, touch, or plan for."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import NotFound, NotPermitted
from servicekit.context import Caller
from servicekit.merging import hold
from services.activity import models, queries, rules
from services.activity.operations.known import look_up, look_up_user
from services.activity.queries import Standing


def customer_to_edit(db: Session, person: Caller, customer_id: UUID) -> Standing:
    """Held, so that it can't be merged or deleted before this is written."""
    hold(db, models.Customer, customer_id)
    customer = visible_customer(db, person, customer_id)
    if not may_edit(person, customer):
        raise NotPermitted("customer.read_only", "You may look at this customer but not record anything on it.")
    return customer


def owner_of_new(db: Session, person: Caller, customer: Standing, named: UUID | None) -> UUID:
    """Whose a touch or follow-up is. InvalidInput: owner.not_yours, owner.required, owner.unknown."""
    owner_id = rules.owner_of_new(
        person.role, person_id=person.signed_by, named=named, customer_owner=customer.owner_id
    )
    if not person.is_user(owner_id) and not queries.is_active(db, owner_id):
        look_up_user(db, owner_id)
        if not queries.is_active(db, owner_id):
            raise rules.unknown_owner()
    return owner_id


def visible_customer(db: Session, person: Caller, customer_id: UUID) -> Standing:
    customer = queries.standing(db, person, customer_id)
    if customer is None:
        look_up(db, customer_id)
        hold(db, models.Customer, customer_id)
        customer = queries.standing(db, person, customer_id)
    if customer is None or not customer.visible:
        raise no_customer(db, person, customer_id)
    return customer


def may_edit(person: Caller, customer: Standing) -> bool:
    return rules.may_edit_customer(
        person.role,
        person_id=person.signed_by,
        departments=person.departments,
        owner_id=customer.owner_id,
        owner_department=customer.owner_department,
        pool_id=customer.pool_id,
        editors=customer.editors,
    )


def no_customer(db: Session, person: Caller, customer_id: UUID) -> NotFound:
    survivor_id = queries.survivor_of(db, person, customer_id)
    if survivor_id is None:
        return NotFound("customer.not_found", "There is no such customer.")
    message = "This customer was merged into another one: go on with that."
    return NotFound("customer.merged", message, data={"survivor_id": str(survivor_id)})
