"""Customers of all sorts, and what a rule says of them in plain Python: what the database's answer is held against."""

import operator
import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from servicekit.database import Database, new_id
from services.customer import models
from services.customer.rules.search import search_keys

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POOLS = [new_id(), new_id()]
_TEXTS = ["Retail", "retail", "Bank of 銀行", "100%", "a_b"]
_DAYS = [date(2026, 11, 1), date(2026, 11, 21), date(2020, 2, 29)]
_MOMENTS = [NOW - timedelta(days=days) for days in (0, 1, 7, 30, 400)]
_MAY_LACK = ("level", "tags", "last_activity_at", "custom.motto", "custom.seats")
_AMOUNTS = ["0.00", "99.99", "100.00", "1000.00"]

Row = dict[str, Any]
"""A customer by the names that rules know its fields by."""


def add_crowd(database: Database, size: int) -> dict[UUID, Row]:
    """So many customers in the database, the same on every run but for their ids."""
    chance = random.Random(7)  # noqa: S311  no secret
    rows = {new_id(): _row(chance) for _ in range(size)}
    with database.transaction() as db:
        for customer_id, row in rows.items():
            db.add(_customer(customer_id, row))
        db.flush()
        for customer_id, row in rows.items():
            if row["last_activity_at"] is not None or row["open_count"]:
                db.add(_figures(customer_id, row))
    return rows


def holds(rule: Mapping[str, Any], row: Row) -> bool:
    """Whether the customer fulfils the rule."""
    if "all" in rule:
        return all(holds(part, row) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, row) for part in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], row)
    return _compared(rule["op"], row.get(rule["field"]), rule.get("value"))


def rules() -> st.SearchStrategy[dict[str, Any]]:
    """Rules over all kinds of fields."""
    return st.recursive(
        _conditions(),
        lambda inner: (
            st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)})
            | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)})
            | st.fixed_dictionaries({"not": inner})
        ),
        max_leaves=6,
    )


def _compared(op: str, held: Any, value: Any) -> bool:
    if op == "empty":
        return held is None or held == []
    if op == "ne":
        return not _compared("eq", held, value)
    if isinstance(value, dict):
        held = Decimal((held or {}).get(value["currency"], 0))
        value = Decimal(value["amount"])
    if held is None:
        return False
    if op in {"within_days", "older_than_days"}:
        return _aged(op, held, value)
    if op == "contains":
        return value in held if isinstance(held, list) else value.lower() in held.lower()
    if op == "in":
        return held in [_like(held, each) for each in value]
    wanted = _like(held, value)
    return bool({"eq": operator.eq, "gte": operator.ge, "lte": operator.le}[op](held, wanted))


def _aged(op: str, held: Any, days: int) -> bool:
    then = NOW - timedelta(days=days)
    if not isinstance(held, datetime):
        return bool(held < then.date() if op == "older_than_days" else then.date() <= held <= NOW.date())
    return held < then if op == "older_than_days" else then <= held <= NOW


def _like(held: Any, written: Any) -> Any:
    """What was written in JSON, as the row holds it."""
    if isinstance(held, datetime):
        return datetime.fromisoformat(written)
    if isinstance(held, date):
        return date.fromisoformat(written)
    return UUID(written) if isinstance(held, UUID) else written


def _conditions() -> st.SearchStrategy[dict[str, Any]]:
    money = st.fixed_dictionaries({"amount": st.sampled_from(_AMOUNTS), "currency": st.sampled_from(["USD", "EUR"])})
    days = st.sampled_from([day.isoformat() for day in _DAYS])
    moments = st.sampled_from([moment.isoformat() for moment in _MOMENTS])
    pools = st.sampled_from([str(pool_id) for pool_id in POOLS])
    numbers = st.sampled_from([0, 1, 5, 250, 7.5])
    texts = st.sampled_from([*_TEXTS, "RET", "%", "_"])
    words = st.sampled_from(["A", "B", "small"])
    return st.one_of(
        *(_asked(name, ("eq", "ne", "contains"), texts) for name in ("industry", "custom.motto")),
        *(_asked(name, ("eq", "ne"), words) for name in ("level", "custom.shirt")),
        _asked("level", ("in",), st.lists(words, min_size=1, max_size=2)),
        *(_asked(name, ("eq", "ne", "gte", "lte"), numbers) for name in ("size", "open_count", "custom.seats")),
        *(_asked(name, ("eq", "ne", "gte", "lte"), days) for name in ("birthday", "custom.signed")),
        _asked("open_amount", ("eq", "ne", "gte", "lte"), money),
        *(_asked(name, ("gte", "lte"), moments) for name in ("created_at", "last_activity_at")),
        *(
            _asked(name, ("within_days", "older_than_days"), st.sampled_from([0, 1, 7, 21, 30]))
            for name in ("created_at", "last_activity_at", "birthday", "custom.signed")
        ),
        _asked("pool_id", ("eq", "ne"), pools),
        *(_asked(name, ("contains",), words) for name in ("tags", "custom.colors")),
        _asked("do_not_contact", ("eq",), st.booleans()),
        st.sampled_from([{"field": name, "op": "empty"} for name in _MAY_LACK]),
    )


def _asked(field: str, ops: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"field": st.just(field), "op": st.sampled_from(ops), "value": values})


def _row(chance: random.Random) -> Row:
    def some(values: list[Any]) -> Any:
        return chance.choice([None, *values])

    open_amounts = some([{"USD": amount} for amount in _AMOUNTS] + [{"USD": "5.00", "EUR": "100.00"}])
    return {
        "kind": "company",
        "industry": some(_TEXTS),
        "level": some(["A", "B"]),
        "size": some([0, 5, 250]),
        "birthday": some(_DAYS),
        "tags": chance.sample(["A", "B", "small"], chance.randrange(3)),
        "do_not_contact": chance.random() < 0.5,
        "pool_id": chance.choice(POOLS),
        "created_at": chance.choice(_MOMENTS),
        "last_activity_at": some(_MOMENTS),
        "open_count": 0 if open_amounts is None else chance.randrange(1, 6),
        "open_amount": open_amounts,
        "custom.motto": some(_TEXTS),
        "custom.shirt": some(["small", "B"]),
        "custom.seats": some([1, 7.5, 250]),
        "custom.signed": some(_DAYS),
        "custom.colors": some([["A"], ["B", "small"]]),
    }


def _customer(customer_id: UUID, row: Row) -> models.Customer:
    custom = {
        name.removeprefix("custom."): value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name.startswith("custom.") and value is not None
    }
    names = ("kind", "industry", "level", "size", "birthday", "tags", "do_not_contact", "pool_id", "created_at")
    return models.Customer(
        id=customer_id,
        name="One of many",
        **{name: row[name] for name in names},
        **search_keys("One of many", [], []),
        **{name: [] for name in ("phones", "emails", "handles", "addresses")},
        custom=custom,
        lifecycle="lead",
        note="",
        updated_at=row["created_at"],
    )


def _figures(customer_id: UUID, row: Row) -> models.Figures:
    return models.Figures(
        customer_id=customer_id,
        last_activity_at=row["last_activity_at"],
        open_count=row["open_count"],
        open_amounts=row["open_amount"] or {},
    )
