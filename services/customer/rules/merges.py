"""What becomes of two customers' fields when they are one, and which of that an undoing takes back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.customer.merges import Side
from contracts.errors import Conflict, InvalidInput

UNDONE_WITHIN = timedelta(days=30)
MOST = {"phones": 20, "emails": 20, "handles": 20, "addresses": 20, "tags": 50}
"""The fields that are united, and how much each may hold."""

_SAME: dict[str, Callable[[Any], object]] = {
    "phones": lambda phone: phone.e164 or phone.number,
    "emails": lambda email: email.address.casefold(),
    "handles": lambda handle: (handle.network.casefold(), handle.name.casefold()),
    "addresses": lambda address: address,
    "tags": lambda tag: tag,
}
"""What makes two items of a list one."""


def check_two(survivor_id: UUID, loser_id: UUID) -> None:
    """InvalidInput: merge.same_customer."""
    if survivor_id == loser_id:
        raise InvalidInput("merge.same_customer", "A customer can't be merged into itself.")


def check_kinds(survivor: str, loser: str) -> None:
    """InvalidInput: merge.different_kinds."""
    if survivor != loser:
        raise InvalidInput("merge.different_kinds", "A company and a person can't be one customer.")


def check_room(what: str, number: int, most: int) -> None:
    """Conflict: merge.too_much."""
    if number > most:
        message = f"Together they have {number:,} {what}, and a customer has at most {most:,}; remove some first."
        raise Conflict("merge.too_much", message, data={"of": what, "limit": most})


def check_undoable(*, at: datetime, undone_at: datetime | None, now: datetime) -> None:
    """Conflict: merge.undone, merge.too_late."""
    if undone_at is not None:
        raise Conflict("merge.undone", "This merge was undone already.", data={"undone_at": undone_at.isoformat()})
    if now > at + UNDONE_WITHIN:
        raise Conflict("merge.too_late", f"A merge can be undone for {UNDONE_WITHIN.days} days, and they are over.")


def merged(survivor: Mapping[str, Any], loser: Mapping[str, Any], *, keep: Mapping[Any, Side]) -> dict[str, Any]:
    """The fields that the survivor gets: just those that change. Conflict: merge.too_much."""
    # Why it is junk goes with the stage that says so.
    keep = {**keep, "junk_reason": keep.get("lifecycle", "survivor")}
    whole = {
        name: _united(name, own, loser[name]) if name in MOST else _chosen(own, loser[name], keep.get(name))
        for name, own in survivor.items()
    }
    if "custom" in survivor:
        whole["custom"] = {**loser["custom"], **survivor["custom"]}
    for name, most in MOST.items():
        check_room(name, len(whole[name]), most)
    return {name: value for name, value in whole.items() if value != survivor[name]}


def reverted(now: Mapping[str, Any], *, before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an undoing sets: those that still hold what the merge gave, and lists without what it added."""
    back: dict[str, Any] = {}
    for name, value in given.items():
        if now[name] == value:
            back[name] = before[name]
        elif name in MOST:
            back[name] = _without(name, now[name], added=_keys(name, value) - _keys(name, before[name]))
        elif name == "custom":
            came = {key: one for key, one in value.items() if key not in before[name]}
            back[name] = {key: one for key, one in now[name].items() if key not in came or came[key] != one}
    return back


def _chosen(own: Any, other: Any, side: Side | None) -> Any:
    if side is not None:
        return own if side == "survivor" else other
    return other if own in (None, "", False) else own


def _united(name: str, own: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    known = _keys(name, own)
    added = [item for item in others if _SAME[name](item) not in known]
    return [*own, *(_second(item) if own else item for item in added)]


def _without(name: str, items: Sequence[Any], *, added: set[object]) -> list[Any]:
    left = [item for item in items if _SAME[name](item) not in added]
    if left and hasattr(left[0], "primary") and not any(item.primary for item in left):
        left[0] = left[0].model_copy(update={"primary": True})
    return left


def _second(item: Any) -> Any:
    """The same, no longer the primary one."""
    return item.model_copy(update={"primary": False}) if getattr(item, "primary", False) else item


def _keys(name: str, items: Sequence[Any]) -> set[object]:
    return {_SAME[name](item) for item in items}
