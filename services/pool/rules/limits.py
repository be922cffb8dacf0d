"""What a rep may still have of a pool."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from contracts.pool.pools import PoolLimits


class Allowance(NamedTuple):
    """What is left of a pool's limits for one person; None where there is no limit."""

    limits: PoolLimits = PoolLimits()
    holdings: int | None = None
    claims: int | None = None
    bought: Collection[UUID] = ()
    """The customers that don't count as held."""
    barred: Mapping[UUID, date] = {}
    """The customers that the person held of late, with the first day on which they may claim each again."""

    def refusal(self, customer_id: UUID) -> str:
        """Which limit stands in the way of one more customer, as a sentence; empty where none does."""
        if self.holdings is not None and self.holdings <= 0 and customer_id not in self.bought:
            return f"You hold {self.limits.holdings} customers of this pool, which is the limit."
        if self.claims is not None and self.claims <= 0:
            return f"You have claimed {self.limits.claims_per_day} customers of this pool today, which is the limit."
        return ""

    def after(self, customer_id: UUID) -> "Allowance":
        """What is left when this customer was claimed."""
        holdings, claims = self.holdings, self.claims
        if holdings is not None and customer_id not in self.bought:
            holdings -= 1
        return self._replace(holdings=holdings, claims=None if claims is None else claims - 1)


UNLIMITED = Allowance()


def left(limit: int | None, used: int) -> int | None:
    """What is left of a limit."""
    return None if limit is None else max(0, limit - used)


def free_again(ended: date, days: int) -> date:
    """The first day on which somebody may claim a customer again that they held until this day."""
    return ended + timedelta(days=days)
