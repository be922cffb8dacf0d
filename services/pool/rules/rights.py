"""Who may look, open and change pools, claim and let go."""

from collections.abc import Collection
from uuid import UUID

from contracts.errors import Conflict, NotPermitted
from contracts.values import Role

MOST_POOLS = 200
"""Pools are listed on one page."""


_READERS_OF_ALL = frozenset({Role.ADMIN, Role.AUDITOR, Role.INTEGRATION})


_EDITORS_OF_ALL = frozenset({Role.ADMIN, Role.INTEGRATION})


_HOLDERS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN})


_RELEASERS = _HOLDERS | {Role.INTEGRATION}


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


def require_administrator(role: str, user_id: UUID | None, administrators: Collection[UUID]) -> None:
    """A pool is changed by its administrators and the company's. NotPermitted: pool.admins_only."""
    if role != Role.ADMIN and user_id not in administrators:
        raise NotPermitted("pool.admins_only", "Only an administrator may change a pool.")


def require_manager(role: str) -> None:
    """Those who answer for others, or read all. NotPermitted: pool.managers_only."""
    if role not in _READERS_OF_ALL and role != Role.MANAGER:
        raise NotPermitted("pool.managers_only", "Only managers, administrators and auditors look ahead for others.")


def can_hold(role: str) -> bool:
    """Whether people of this role own customers."""
    return role in _HOLDERS


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


def read_only() -> NotPermitted:
    """The refusal to let a held customer go, of who is not its owner, their manager, an administrator or an API key."""
    return NotPermitted("holding.read_only", "You may look at this customer but not release it.")
