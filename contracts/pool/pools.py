"""What the pool service answers and announces of pools, and of what waits in them."""

from datetime import datetime
from uuid import UUID

from contracts.base import Event, Message, Request
from contracts.values import CustomerRef, Limit, Line, Value

DEFAULT_POOL_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The pool that every company starts with ("Open customers"): where a customer goes when no other pool is named."""


class Pool(Message):
    """A pool: customers without an owner, open to a group. `free` is how many it holds now."""

    id: UUID
    name: str
    default: bool
    free: int
    version: int


class PoolList(Message):
    """The pools the caller may see (at most 200), by name."""

    items: list[Pool]


class ListPools(Request[PoolList], to="pool"):
    """The pools the caller may see."""


class GetPool(Request[Pool], to="pool"):
    """One pool. NotFound: pool.not_found."""

    pool_id: UUID


class CreatePool(Request[Pool], to="pool"):
    """Open a pool. NotPermitted: pool.admins_only. Conflict: pool.name_taken (in any case), pool.too_many (of 200)."""

    name: Line


class FreeCustomer(Value):
    """A customer that waits in a pool."""

    customer: CustomerRef
    since: datetime


class FreeCustomerPage(Message):
    """A page of a pool, longest waiting first; `total` only when it was asked for."""

    items: list[FreeCustomer]
    next_cursor: str | None
    total: int | None = None


class ListFreeCustomers(Request[FreeCustomerPage], to="pool"):
    """The customers that wait in a pool. NotFound: pool.not_found."""

    pool_id: UUID
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class PoolCreated(Event, type="pool.created", subject="pool_id"):
    """A pool was opened."""

    pool_id: UUID
    name: str
