"""What a segment's rule means, read from what a caller wrote; and whose a segment is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from contracts.customer.conditions import Rule
from contracts.errors import NotPermitted, fault
from contracts.values import Role
from services.customer.rules.conditions import Attribute, Condition, read_condition

MOST_CONDITIONS = 50
DEEPEST = 5
_WRITERS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN, Role.INTEGRATION})
_READ_ALL = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which all, any, or the only one not, must hold."""

    way: Literal["all", "any", "not"]
    parts: tuple["Node", ...]


Node = Group | Condition


def read_rule(rule: Rule, known: Mapping[str, Attribute], *, path: str = "rule.") -> Node:
    """The rule over the fields that the caller may ask for. InvalidInput names where it fails."""
    if _depth(rule) > DEEPEST:
        raise fault(path[:-1], "condition.too_deep", f"A rule has at most {DEEPEST} levels; take two of them.")
    if sum(1 for _ in fields_of(rule)) > MOST_CONDITIONS:
        raise fault(path[:-1], "condition.too_many", f"A rule has at most {MOST_CONDITIONS} conditions.")
    return _read(rule, known, path)


def fields_of(rule: Rule) -> Iterator[str]:
    """The field of each condition."""
    if rule.field is not None:
        yield rule.field
    for part in _parts(rule):
        yield from fields_of(part)


def check_may_write(role: str) -> None:
    """NotPermitted for those who only read."""
    if role not in _WRITERS:
        raise NotPermitted("segment.writers_only", "You may look at segments but not make any.")


def may_change(role: str, *, owns: bool) -> bool:
    """Whether somebody changes a segment that they see."""
    return role == Role.ADMIN or (owns and role in _WRITERS)


def reads_all(role: str) -> bool:
    """Whether this role sees the segments of everybody."""
    return role in _READ_ALL


def _read(rule: Rule, known: Mapping[str, Attribute], path: str) -> Node:
    if rule.field is not None and rule.op is not None:
        return read_condition(known, rule.field, rule.op, rule.value, path=path)
    if rule.not_ is not None:
        return Group("not", (_read(rule.not_, known, f"{path}not."),))
    way: Literal["all", "any"] = "any" if rule.all is None else "all"
    parts = (_read(part, known, f"{path}{way}.{nth}.") for nth, part in enumerate(_parts(rule)))
    return Group(way, tuple(parts))


def _parts(rule: Rule) -> list[Rule]:
    return [*(rule.all or []), *(rule.any or []), *([rule.not_] if rule.not_ else [])]


def _depth(rule: Rule) -> int:
    return 1 + max((_depth(part) for part in _parts(rule)), default=0)
