"""What is read of customers that may be the same, and the locks under which they are looked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import Integer, String, Uuid, column, func, select, true, tuple_, values
from sqlalchemy.orm import Session

from contracts.customer.matches import DuplicateMatch, Reason
from contracts.values import PoolRef, UserRef
from servicekit.context import Caller
from services.customer import models
from services.customer.queries.rights import is_there, visible_to
from services.customer.rules.duplicates import COMPARED, MOST_MATCHES, Described, Key, Match, compared_as

_LOCKS = func.hashtext("duplicates")
_BUCKETS = 1024
"""Locks are few, however many customers come at once; that two keys share one only makes one wait."""
_MOST_SHARING = 50
"""As many customers of one key are looked at."""
_FEWEST_DIGITS = 7
"""Fewer digits of a phone are many people's."""
_ALIKE = 0.5
"""How alike two names must be in their trigrams to be compared at all."""


def hold_keys(db: Session, described: Iterable[Described]) -> None:
    """Let nobody else add or change a customer like these until this transaction ends."""
    held = {bucket for one in described for bucket in map(_bucket, [*one.keys, (one.kind, one.name.core)])}
    locks = values(column("bucket", Integer), name="buckets").data([(bucket,) for bucket in sorted(held)])
    db.execute(select(func.pg_advisory_xact_lock(_LOCKS, locks.c["bucket"])))


def alike(db: Session, sought: Mapping[UUID, Described]) -> dict[UUID, dict[UUID, Described]]:
    """Customers that share a key with one of these, or have a name like it, by the id that it is sought under."""
    db.execute(select(func.set_config("pg_trgm.similarity_threshold", str(_ALIKE), true())))
    return _described(db, [*_sharing(db, sought), *_alike_by_name(db, sought)])


def phones_ending_in(db: Session, endings: Sequence[str]) -> frozenset[Key]:
    """The phones of customers that end in one of these digits; too few digits say nothing."""
    record, row = models.Customer, models.CustomerKey
    found: set[Key] = set()
    for digits in endings:
        if len(digits) >= _FEWEST_DIGITS:
            near = select(record.id).where(record.phone_digits.contains(digits)).limit(_MOST_SHARING)
            phones = db.scalars(
                select(row.value).where(row.kind == Reason.PHONE, row.customer_id.in_(near), row.value.endswith(digits))
            )
            found |= {(Reason.PHONE, phone) for phone in phones}
    return frozenset(found)


def sharing(db: Session, sought: Mapping[UUID, Described]) -> dict[UUID, dict[UUID, Described]]:
    """The same with just the same name: what many can be sought by at once."""
    return _described(db, [*_sharing(db, sought), *_same_by_name(db, sought)])


def told(db: Session, caller: Caller, matches: Sequence[Match]) -> list[DuplicateMatch]:
    """The matches with what the caller may know of them."""
    record, figures = models.Customer, models.Figures
    statement = (
        select(record, models.User.name, models.Pool.name, figures.last_activity_at, visible_to(caller))
        .outerjoin(models.User, models.User.id == record.owner_id)
        .outerjoin(models.Pool, models.Pool.id == record.pool_id)
        .outerjoin(figures, figures.customer_id == record.id)
        .where(record.id.in_([match.customer_id for match in matches]))
    )
    rows = {row[0].id: row for row in db.execute(statement)} if matches else {}
    return [_told(match, *rows[match.customer_id]) for match in matches if match.customer_id in rows]


def unread(db: Session, *, limit: int) -> Sequence[models.Customer]:
    """Customers that were never made ready to be compared, for this transaction alone."""
    record = models.Customer
    statement = select(record).where(record.match_name.is_(None)).order_by(record.id).limit(limit)
    return db.scalars(statement.with_for_update(skip_locked=True, key_share=True)).all()


def after(db: Session, position: UUID | None, *, limit: int) -> Sequence[models.Customer]:
    """The customers that come next by id."""
    record = models.Customer
    statement = select(record).where(is_there()).order_by(record.id).limit(limit)
    return db.scalars(statement if position is None else statement.where(record.id > position)).all()


def described(record: models.Customer, **changes: Any) -> Described:
    """A stored customer, ready to be compared; as it would be with these fields changed."""
    fields = {name: changes.get(name, getattr(record, name)) for name in COMPARED}
    return compared_as("person" if record.kind == "person" else "company", fields)


def _sharing(db: Session, sought: Mapping[UUID, Described]) -> list[tuple[UUID, UUID]]:
    wanted: dict[Key, list[UUID]] = defaultdict(list)
    for sought_id, one in sought.items():
        for key in one.keys:
            wanted[key].append(sought_id)
    if not wanted:
        return []
    row = models.CustomerKey
    found = db.execute(
        select(row.kind, row.value, row.customer_id)
        .where(tuple_(row.kind, row.value).in_(wanted.keys()))
        .limit(_MOST_SHARING * len(wanted))
    )
    return [(sought_id, customer_id) for kind, value, customer_id in found for sought_id in wanted[kind, value]]


def _alike_by_name(db: Session, sought: Mapping[UUID, Described]) -> list[tuple[UUID, UUID]]:
    pairs: list[tuple[UUID, UUID]] = []
    record = models.Customer
    for sought_id, one in sought.items():
        name = one.name.core
        found = db.scalars(
            select(record.id)
            .where(record.kind == one.kind, record.match_name.bool_op("%")(name))
            .order_by(func.similarity(record.match_name, name).desc())
            .limit(MOST_MATCHES)
        )
        pairs += [(sought_id, customer_id) for customer_id in found]
    return pairs


def _same_by_name(db: Session, sought: Mapping[UUID, Described]) -> list[tuple[UUID, UUID]]:
    record = models.Customer
    rows = [(sought_id, one.kind, one.name.core) for sought_id, one in sought.items()]
    given = values(column("id", Uuid), column("kind", String), column("name", String), name="sought").data(rows)
    same = (
        select(record.id)
        .where(record.match_name == given.c["name"], record.kind == given.c["kind"])
        .limit(MOST_MATCHES)
        .lateral()
    )
    found = db.execute(select(given.c["id"], same.c["id"]).select_from(given.join(same, true())))
    return [(sought_id, customer_id) for sought_id, customer_id in found]


def _described(db: Session, pairs: Collection[tuple[UUID, UUID]]) -> dict[UUID, dict[UUID, Described]]:
    record = models.Customer
    ids = {customer_id for _, customer_id in pairs}
    known = (
        {row.id: described(row) for row in db.scalars(select(record).where(record.id.in_(ids), is_there()))}
        if ids
        else {}
    )
    found: dict[UUID, dict[UUID, Described]] = defaultdict(dict)
    for sought_id, customer_id in pairs:
        if customer_id != sought_id and customer_id in known:
            found[sought_id][customer_id] = known[customer_id]
    return found


def _told(
    match: Match, record: models.Customer, owner: str | None, pool: str | None, touched: Any, visible: bool | None
) -> DuplicateMatch:
    return DuplicateMatch(
        customer_id=match.customer_id,
        name=record.name if visible else None,
        score=match.score,
        matched_on=[Reason(reason) for reason in match.reasons],
        held_by=UserRef(id=record.owner_id, name=owner or "") if record.owner_id else None,
        pool=PoolRef(id=record.pool_id, name=pool or "") if record.pool_id else None,
        last_follow_up_at=touched,
    )


def _bucket(key: Key) -> int:
    return crc32(":".join(key).encode()) % _BUCKETS
