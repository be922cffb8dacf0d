"""Who may add a customer, and to whom it may be given."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from contracts.errors import InvalidInput, NotPermitted, fault
from contracts.values import Role

_WRITERS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN, Role.INTEGRATION})
_SETTERS = frozenset({Role.ADMIN, Role.INTEGRATION})
_IMPORTERS = frozenset({Role.MANAGER, Role.ADMIN, Role.INTEGRATION})


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague, as far as giving them a customer depends on it."""

    id: UUID
    department_id: UUID | None
    active: bool


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives a customer away: a writer, with the departments they answer for, or an API key."""

    id: UUID
    role: str
    departments: Collection[UUID]


def check_may_add(role: str) -> None:
    """NotPermitted for those who only read: auditors, services."""
    if role not in _WRITERS:
        raise NotPermitted("customer.writers_only", "Only reps, managers and admins add customers.")


def check_admin(role: str, *, code: str) -> None:
    """NotPermitted with this code for all but admins."""
    if role != Role.ADMIN:
        raise NotPermitted(code, "Only admins change this.")


def check_may_import(role: str) -> None:
    """NotPermitted for all but managers, admins and API keys."""
    if role not in _IMPORTERS:
        raise NotPermitted("customer.importers_only", "Only managers and admins import customers.")


def check_is_person(role: str) -> None:
    """NotPermitted for services: what people read is no fact that services keep."""
    if not role:
        raise NotPermitted("auth.users_only", "This is for people and API keys.")


def check_may_set_policies(role: str) -> None:
    """NotPermitted for all but admins."""
    if role != Role.ADMIN:
        raise NotPermitted("duplicate_policy.admins_only", "Only admins decide what becomes of duplicates.")


def check_may_scan(role: str) -> None:
    """NotPermitted for all but admins."""
    if role != Role.ADMIN:
        raise NotPermitted("duplicate_scan.admins_only", "Only admins scan all customers.")


def check_may_set_scoring(role: str) -> None:
    """NotPermitted for all but admins and API keys."""
    if role not in _SETTERS:
        raise NotPermitted("scoring.admins_only", "Only an administrator may change how customers are scored.")


def check_holder_named(role: str, owner: object, pool: object) -> None:
    """InvalidInput when an API key, which holds no customers itself, does not say who is to."""
    if role == Role.INTEGRATION and owner is None and pool is None:
        message = "An API key holds no customers: give owner_id or pool_id."
        raise fault("owner_id", "customer.holder_required", message)


def check_one_holder(owner: object, pool: object) -> None:
    """InvalidInput when both somebody and a pool are to hold the customer."""
    if owner is not None and pool is not None:
        raise fault("pool_id", "customer.owner_and_pool", "Give either an owner or a pool, not both.")


def check_may_give(person: Person | None, *, giver: Giver, field: str) -> Person:
    """The person, who may get a customer from the giver; `field` is where the giver named them.

    A rep keeps customers to themselves and learns nothing about others; a manager gives to those they answer for;
    admins and API keys give to anybody.
    """
    if person is not None and person.id == giver.id:
        return person
    if giver.role == Role.REP:
        raise _foreign_owner()
    if person is None or not person.active:
        raise _unknown_owner(field)
    if giver.role == Role.MANAGER and person.department_id not in giver.departments:
        raise _foreign_owner()
    return person


def _foreign_owner() -> NotPermitted:
    return NotPermitted("customer.foreign_owner", "You can't give a customer to this person.")


def _unknown_owner(field: str) -> InvalidInput:
    return fault(field, "customer.unknown_owner", "There is no such active user.")
