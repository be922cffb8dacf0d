"""Duplicates: looked for before a customer is added or changed, and kept as suspicions where they are let through."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.customer.duplicates import CheckDuplicates, DuplicateCheck, EntryPoint
from contracts.errors import Conflict, NotPermitted
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from services.customer import models
from services.customer.queries import duplicates as queries
from services.customer.queries.suspicions import policy
from services.customer.rules import fields, rights
from services.customer.rules.duplicates import (
    CERTAIN,
    COMPARED,
    MOST_MATCHES,
    Described,
    Key,
    Match,
    compare,
    compared_as,
    entry_point,
    refused,
    stronger,
    verdict,
)
from services.customer.settings import SETTINGS

_READ_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Sifted:
    """What an import's newcomers are like: whom the policy refuses, and whom it lets through though they are alike."""

    refused: dict[UUID, list[Match]]
    suspected: dict[UUID, list[Match]]


def check(db: Session, request: CheckDuplicates) -> DuplicateCheck:
    """Look for customers like this one."""
    person = caller()
    rights.check_may_add(person.role)
    given = {name: getattr(request, name) for name in COMPARED}
    given["phones"], unread = fields.readable_phones(request.phones, SETTINGS.region)
    sought = compared_as(request.kind, fields.read_customer(request.kind, given, region=SETTINGS.region))
    sought = replace(sought, keys=sought.keys | queries.phones_ending_in(db, unread))
    customer_id = request.customer_id or new_id()
    matches = compare(sought, queries.alike(db, {customer_id: sought}).get(customer_id, {}))
    return DuplicateCheck(verdict=verdict(matches), matches=queries.told(db, person, matches))


def guard(db: Session, person: Caller, customer_id: UUID, sought: Described, *, despite: str) -> list[Match]:
    """Find who may be the same as a customer that is to be added.

    Until the transaction ends nobody else adds one like it. Conflict: customer.duplicate, where the policy blocks it.
    NotPermitted: customer.no_override, where the caller's reason does not count.
    """
    queries.hold_keys(db, [sought])
    matches = compare(sought, queries.alike(db, {customer_id: sought}).get(customer_id, {}))
    return _let_through(db, person, matches, despite=despite)


def guard_change(
    db: Session, person: Caller, record: models.Customer, sought: Described, *, despite: str
) -> list[Match]:
    """The same for one that is to be changed: just what the change brings is refused or told."""
    before = queries.described(record)
    if sought == before:
        return []
    queries.hold_keys(db, [sought])
    others = queries.alike(db, {record.id: sought}).get(record.id, {})
    matches = stronger(compare(sought, others), compare(before, others))
    return _let_through(db, person, matches, despite=despite)


def keep_changed(
    db: Session, customer_id: UUID, described: Described, matches: Sequence[Match], *, reason: str
) -> None:
    """Keep what a changed customer is found by now, and who may be the same."""
    _forget(db, [customer_id])
    keep_new(db, {customer_id: described})
    suspect(db, {customer_id: matches}, reason=reason)


def keep_new(db: Session, described: Mapping[UUID, Described]) -> None:
    """Keep what these new customers are found by."""
    row = models.CustomerKey
    db.flush()
    rows = [
        {"kind": kind, "value": value, "customer_id": customer_id}
        for customer_id, one in described.items()
        for kind, value in sorted(one.keys)
    ]
    if rows:
        db.execute(insert(row).values(rows))


def sift(db: Session, newcomers: Mapping[UUID, Described]) -> Sifted:
    """Find who may be the same as these newcomers of an import, among those that are there and those before them.

    A thousand of them must not take minutes, so names are compared where they are the same but for their writing; the
    scan finds the others. Until the transaction ends nobody else adds customers like these.
    """
    if not newcomers:
        return Sifted({}, {})
    queries.hold_keys(db, newcomers.values())
    known = queries.sharing(db, newcomers)
    rules = policy(db, EntryPoint.IMPORT)
    sifted, earlier = Sifted({}, {}), defaultdict[Key, list[UUID]](list)
    for customer_id, one in newcomers.items():
        marks = [*one.keys, (one.kind, one.name.core)]
        before = {other: newcomers[other] for mark in marks for other in earlier[mark][-MOST_MATCHES:]}
        matches = compare(one, {**known.get(customer_id, {}), **before})
        if refused(verdict(matches), exact=rules.exact, probable=rules.probable):
            sifted.refused[customer_id] = matches
            continue
        for mark in marks:
            earlier[mark].append(customer_id)
        if matches and rules.probable != "ignore":
            sifted.suspected[customer_id] = matches
    return sifted


def suspect(db: Session, matches: Mapping[UUID, Sequence[Match]], *, reason: str = "") -> int:
    """Keep that these may be the same as these customers, unless that is known; how many are news."""
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "older_id": min(customer_id, match.customer_id),
            "newer_id": max(customer_id, match.customer_id),
            "score": match.score,
            "matched_on": list(match.reasons),
            "state": "open",
            "reason": reason,
            "found_at": now,
            "version": 1,
        }
        for customer_id, those in matches.items()
        for match in those
    ]
    if not rows:
        return 0
    written = insert(models.Suspicion).values(rows).on_conflict_do_nothing(index_elements=["older_id", "newer_id"])
    return len(db.execute(written.returning(models.Suspicion.id)).all())


def read_unread(db: Session) -> bool:
    """Make ready to be compared what an older release has left; True when there may be more."""
    records = queries.unread(db, limit=_READ_AT_ONCE)
    described = {record.id: queries.described(record) for record in records}
    for record in records:
        record.match_name = described[record.id].name.core
    _forget(db, described)
    keep_new(db, described)
    return len(records) == _READ_AT_ONCE


def _forget(db: Session, customer_ids: Collection[UUID]) -> None:
    db.execute(delete(models.CustomerKey).where(models.CustomerKey.customer_id.in_(customer_ids)))


def _let_through(db: Session, person: Caller, matches: list[Match], *, despite: str) -> list[Match]:
    rules = policy(db, entry_point(person.role))
    if refused(verdict(matches), exact=rules.exact, probable=rules.probable):
        if not despite:
            raise _refusal(db, person, matches)
        if person.role not in rules.overriders:
            raise NotPermitted("customer.no_override", "Your role may not add a customer that is there already.")
    return matches if rules.probable != "ignore" else [match for match in matches if match.score == CERTAIN]


def _refusal(db: Session, person: Caller, matches: Sequence[Match]) -> Conflict:
    told = [match.model_dump(mode="json") for match in queries.told(db, person, matches)]
    message = "This customer is there already; its holder and pool stand in `data`."
    return Conflict("customer.duplicate", message, data={"matches": told})
