"""The pool service's decisions: who may open pools, claim and release, and what becomes of each claimed customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from contracts.errors import Conflict, NotPermitted
from contracts.pool import ClaimItem, ClaimStatus
from contracts.values import Role

MOST_POOLS = 200
"""Pools are listed on one page."""
_READERS_OF_ALL = frozenset({Role.ADMIN, Role.AUDITOR, Role.INTEGRATION})
_EDITORS_OF_ALL = frozenset({Role.ADMIN, Role.INTEGRATION})
_HOLDERS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})
_RELEASERS = _HOLDERS | {Role.INTEGRATION}

UNKNOWN = "There is no such customer in this pool."
NOT_LOOKED_UP = "This customer is new and can't be looked up right now; try again in a moment."


class Move(StrEnum):
    """How a stretch of holding begins, and so how the one before it ended."""

    CREATED = "created"
    CLAIMED = "claimed"
    RELEASED = "released"
    ASSIGNED = "assigned"
    UNMERGED = "unmerged"


class Held(NamedTuple):
    """A customer's present stretch: exactly one of owner and pool is set."""

    customer_id: UUID
    customer_name: str
    number: int
    owner_id: UUID | None
    pool_id: UUID | None
    since: datetime
    began: str


def reads_all(role: str) -> bool:
    """Whether people of this role see every holding; others see their own, those in a pool, and their people's."""
    return role in _READERS_OF_ALL


def edits_all(role: str) -> bool:
    """Whether this role may move every holding."""
    return role in _EDITORS_OF_ALL


def require_admin(role: str) -> None:
    """Only administrators open pools. NotPermitted: pool.admins_only."""
    if role != Role.ADMIN:
        raise NotPermitted("pool.admins_only", "Only an administrator may open a pool.")


def require_room(pools: int) -> None:
    """Conflict `pool.too_many` when there are as many pools as a list shows."""
    if pools >= MOST_POOLS:
        raise Conflict("pool.too_many", f"There can be at most {MOST_POOLS} pools.", data={"limit": MOST_POOLS})


def require_claimer(role: str) -> None:
    """Only who can hold customers may claim them. NotPermitted: pool.claimers_only."""
    if role not in _HOLDERS:
        raise NotPermitted("pool.claimers_only", "Only reps, managers and administrators can hold customers.")


def require_releaser(role: str) -> None:
    """Readers let nothing go. NotPermitted: holding.read_only."""
    if role not in _RELEASERS:
        raise read_only()


def require_owner(held: Held) -> UUID:
    """The owner of a held customer. Conflict: holding.not_held."""
    if held.owner_id is None:
        raise Conflict("holding.not_held", "Nobody holds this customer: it is in a pool already.")
    return held.owner_id


def answer_claims(
    customer_ids: Sequence[UUID], held: Mapping[UUID, Held], *, pool_id: UUID, claimer: UUID, otherwise: str
) -> list[ClaimItem]:
    """What becomes of each customer, one after the other; `otherwise` is said of those that nobody knows here."""
    present = dict(held)
    items: list[ClaimItem] = []
    for customer_id in customer_ids:
        status, detail = ClaimStatus.NOT_VISIBLE, otherwise
        if customer_id in present:
            status, detail = _claim(present[customer_id], pool_id=pool_id, claimer=claimer)
        if status is ClaimStatus.CLAIMED:
            present[customer_id] = present[customer_id]._replace(owner_id=claimer, pool_id=None)
        items.append(ClaimItem(customer_id=customer_id, status=status, detail=detail))
    return items


def _claim(held: Held, *, pool_id: UUID, claimer: UUID) -> tuple[ClaimStatus, str]:
    if held.owner_id == claimer:
        return ClaimStatus.ALREADY_CLAIMED, "You hold this customer already."
    if held.owner_id is not None:
        return ClaimStatus.ALREADY_CLAIMED, "Somebody else holds this customer."
    if held.pool_id != pool_id:
        return ClaimStatus.NOT_VISIBLE, UNKNOWN
    return ClaimStatus.CLAIMED, "You hold this customer now."


def moved_at(now: datetime, since: datetime) -> datetime:
    """When a stretch ends: now, but never before it began, for the clocks of two machines may differ."""
    return max(now, since)


def read_only() -> NotPermitted:
    """The refusal to let a held customer go, of who is not its owner, their manager, an administrator or an API key."""
    return NotPermitted("holding.read_only", "You may look at this customer but not release it.")
