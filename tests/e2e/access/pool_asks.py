"""What is asked of customers that go from hand to hand: who may gets one of their own, that of the others stays."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.base import Request
from contracts.pool.assignments import (
    AssignHolding,
    AssignHoldings,
    EndProtection,
    ProtectHolding,
    ReleaseHoldings,
    TransferHolding,
    TransferHoldings,
)
from contracts.pool.holdings import ReleaseReason
from contracts.pool.pools import DEFAULT_POOL_ID
from deploy.docs.access import May, Who, rule_of
from servicekit import company
from servicekit.database import new_id
from tests.e2e.access.scene import Cast, Records

_NEXT_WEEK = timedelta(days=7)


def _one(operation: str, cast: Cast, who: Who, records: Records) -> UUID:
    return (cast.records() if rule_of(operation)[who] is May.DO else records).customer.id


def _colleague(cast: Cast) -> UUID:
    return UUID(cast.people[Who.COLLEAGUE].id)


def _assignment(cast: Cast, who: Who, records: Records) -> Request[Any]:
    return AssignHolding(customer_id=_one("assign_holding", cast, who, records), pool_id=DEFAULT_POOL_ID)


def _transfer(cast: Cast, who: Who, records: Records) -> Request[Any]:
    customer_id = _one("transfer_holding", cast, who, records)
    return TransferHolding(customer_id=customer_id, owner_id=_colleague(cast))


def _protection(cast: Cast, who: Who, records: Records) -> ProtectHolding:
    customer_id = _one("protect_holding", cast, who, records)
    return ProtectHolding(customer_id=customer_id, until=company.today() + _NEXT_WEEK)


def _end(cast: Cast, who: Who, records: Records) -> Request[Any]:
    customer_id = _one("end_protection", cast, who, records)
    if customer_id != records.customer.id:
        until = company.today() + _NEXT_WEEK
        cast.people[Who.OWNER].call(ProtectHolding(customer_id=customer_id, until=until))
    return EndProtection(customer_id=customer_id)


POOL_ASKS: dict[str, Callable[[Cast, Who, Records], Request[Any]]] = {
    "release_holdings": lambda *_: ReleaseHoldings(customer_ids=[new_id()], reason=ReleaseReason.OTHER),
    "assign_holding": _assignment,
    "assign_holdings": lambda *_: AssignHoldings(customer_ids=[new_id()], pool_id=DEFAULT_POOL_ID),
    "transfer_holding": _transfer,
    "transfer_holdings": lambda cast, *_: TransferHoldings(customer_ids=[new_id()], owner_id=_colleague(cast)),
    "protect_holding": _protection,
    "end_protection": _end,
}
