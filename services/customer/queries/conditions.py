"""Conditions on customers in SQL. A condition on what a customer lacks may be unknown, which counts as false."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Numeric, and_, case, cast, false, func, not_, or_
from sqlalchemy.orm import InstrumentedAttribute

from contracts.customer.conditions import Op
from contracts.values import Money
from services.customer import models
from services.customer.rules.conditions import Condition, Nature
from services.customer.rules.search import fold

_COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "department_id": models.User.department_id,
    "last_activity_at": models.Figures.last_activity_at,
    "last_won_on": models.Figures.last_won_on,
}
"""Where a field stands that is no column of the customer itself."""


_COUNTS = {"open_count": models.Figures.open_count, "won_count": models.Figures.won_count}
_AMOUNTS = {"open_amount": models.Figures.open_amounts, "won_amount": models.Figures.won_amounts}


def holds(condition: Condition, now: datetime) -> ColumnElement[bool]:
    """Whether a customer fulfils a condition; its owner and its figures must be joined to it."""
    if condition.op is Op.NE:
        return negated(holds(Condition(condition.attribute, Op.EQ, condition.value), now))
    if condition.op is Op.IN:
        return or_(*(holds(Condition(condition.attribute, Op.EQ, value), now) for value in condition.value))
    key = condition.attribute.custom_key
    return _built_in(condition, now) if key is None else _custom(condition, key, now)


def negated(inner: ColumnElement[bool]) -> ColumnElement[bool]:
    """The opposite; unknown counts as false, so its opposite is true."""
    return not_(func.coalesce(inner, false()))


def _built_in(condition: Condition, now: datetime) -> ColumnElement[bool]:
    attribute, op, value = condition.attribute, condition.op, condition.value
    if attribute.name in _COUNTS:
        return _compared(func.coalesce(_COUNTS[attribute.name], 0), op, value, ())
    if attribute.name in _AMOUNTS:
        amounts: Any = _AMOUNTS[attribute.name]
        return _compared(func.coalesce(cast(amounts[value.currency].astext, Numeric), 0), op, value.amount, ())
    column = _COLUMNS.get(attribute.name) or getattr(models.Customer, attribute.name)
    if attribute.nature is Nature.LIST:
        return column.contains([value]) if op is Op.CONTAINS else func.cardinality(column) == 0
    if op is Op.EMPTY:
        return column.is_(None)
    if attribute.name == "name" and op is Op.CONTAINS:
        return models.Customer.folded_name.contains(fold(value), autoescape=True)
    return _compared(column, op, value, _days_ago(attribute.nature, op, value, now))


def _custom(condition: Condition, key: str, now: datetime) -> ColumnElement[bool]:
    attribute, op, value = condition.attribute, condition.op, condition.value
    seen = models.Customer.kind.in_(attribute.kinds or ())
    custom: Any = models.Customer.custom
    if op is Op.EMPTY:
        return not_(and_(seen, custom.has_key(key)))
    if op is Op.EQ:
        return and_(seen, custom.contains({key: _as_kept(value)}))
    if attribute.nature is Nature.LIST:
        return and_(seen, custom.contains({key: [value]}))
    text = custom[key].astext
    if attribute.nature is Nature.NUMBER:
        column = case((func.jsonb_typeof(custom[key]) == "number", cast(text, Numeric)))
    elif attribute.nature is Nature.MONEY:
        same_currency = custom[(key, "currency")].astext == value.currency
        column, value = case((same_currency, cast(custom[(key, "amount")].astext, Numeric))), value.amount
    else:  # days compare as they are written
        column = text.collate("C") if attribute.nature is Nature.DAY else text
    ages = _days_ago(attribute.nature, op, value, now)
    if attribute.nature is Nature.DAY:
        value, ages = _as_kept(value), tuple(_as_kept(each) for each in ages)
    return and_(seen, _compared(column, op, value, ages))


def _compared(column: Any, op: Op, value: Any, ages: tuple[Any, ...]) -> ColumnElement[bool]:
    match op:
        case Op.CONTAINS:
            found = column.icontains(value, autoescape=True)
        case Op.GTE:
            found = column >= value
        case Op.LTE:
            found = column <= value
        case Op.WITHIN_DAYS:
            found = column.between(*ages)
        case Op.OLDER_THAN_DAYS:
            found = column < ages[0]
        case _:
            found = column == value
    condition: ColumnElement[bool] = found
    return condition


def _days_ago(nature: Nature, op: Op, value: Any, now: datetime) -> tuple[Any, ...]:
    """The moment, or the day, so many days ago, and now."""
    if op not in {Op.WITHIN_DAYS, Op.OLDER_THAN_DAYS}:
        return ()
    then = now - timedelta(days=value)
    return (then.date(), now.date()) if nature is Nature.DAY else (then, now)


def _as_kept(value: Any) -> Any:
    """A value as it stands among a customer's custom ones."""
    if isinstance(value, Money):
        return {"amount": f"{value.amount:.2f}", "currency": value.currency}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, str | int) else str(value)
