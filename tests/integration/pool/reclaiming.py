"""What tests of reclaim share: rules for a pool, days that pass, rounds of the sweep."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.pool.rules import (
    Clocks,
    GetPoolRules,
    PoolRules,
    PreviewReclaim,
    ReclaimPreview,
    RulesChanges,
    SweptHoldings,
    UpdatePoolRules,
)
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database
from servicekit.testing import calling
from services.pool.operations import preview, reviews, rules, sweep
from tests.integration.pool.desk import ADMIN, SERVICE, Desk
from tests.integration.pool.world import Deal, World

MONDAY = datetime(2030, 1, 7, 12, tzinfo=UTC)
"""Noon of the day that tests begin on."""
DAY = timedelta(days=1)


class Season:
    """A desk with days that pass and a world that answers."""

    def __init__(self, database: Database, world: World) -> None:
        self.desk = Desk(database)
        self.world = world
        clock.advance(MONDAY - clock.now())

    def rules(self, pool_id: UUID = DEFAULT_POOL_ID, *, at_once: bool = True, **changes: Any) -> PoolRules:
        """Change a pool's rules, by default from today on, and look at all that is held under them."""
        now = self.desk.ask(ADMIN, rules.get_rules, GetPoolRules(pool_id=pool_id))
        asked = RulesChanges(at_once=at_once, **changes)
        request = UpdatePoolRules(pool_id=pool_id, version=now.version, changes=asked)
        changed = self.desk.ask(ADMIN, rules.update_rules, request)
        self.settle()
        return changed

    def clocks(self, pool_id: UUID = DEFAULT_POOL_ID, **days: int) -> PoolRules:
        """Rules of these clocks alone, from today on."""
        return self.rules(pool_id, clocks=Clocks(**{f"{name}_days": number for name, number in days.items()}))

    def pass_days(self, days: float = 1) -> SweptHoldings:
        """Let time pass, hour by hour of the sweep, and say what it did."""
        done = SweptHoldings(looked_at=0, warned=0, reclaimed=0, more=False)
        until = clock.now() + days * DAY
        while clock.now() < until - timedelta(minutes=1):
            clock.advance(min(timedelta(hours=6), until - clock.now()))
            done = add(done, self.settle())
        return done

    def settle(self) -> SweptHoldings:
        """All rounds that are due now."""
        with calling(SERVICE), self.desk.database.transaction() as db:
            more = reviews.recount(db)
        done = self.sweep()
        while more or done.more:
            with calling(SERVICE), self.desk.database.transaction() as db:
                more = reviews.recount(db)
            done = add(done, self.sweep())
        return done

    def sweep(self) -> SweptHoldings:
        """One round."""
        with calling(SERVICE), self.desk.database.transaction() as db:
            return sweep.sweep(db)

    def midnight(self, days: int) -> datetime:
        """The beginning of the day so many days after today."""
        return clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + days * DAY

    def touch(self, customer_id: UUID, kind: str = "call", *, heard: bool = True) -> None:
        """Somebody calls a customer now; whether the pool service hears of it."""
        self.world.customers[customer_id].touches.append((kind, clock.now()))
        if heard:
            self._heard(customer_id)

    def open_deal(self, customer_id: UUID) -> Deal:
        """An opportunity is opened now."""
        deal = Deal(clock.now())
        self.world.customers[customer_id].deals.append(deal)
        self._heard(customer_id)
        return deal

    def close_deal(self, customer_id: UUID, deal: Deal, *, won: bool) -> None:
        """It is won or lost now."""
        deal.closed_at, deal.won = clock.now(), won
        self._heard(customer_id)

    def preview(self, caller: Caller = ADMIN, **asked: Any) -> ReclaimPreview:
        """What would be taken."""
        request = PreviewReclaim(**({"pool_id": DEFAULT_POOL_ID, "limit": 200} | asked))
        return self.desk.ask(caller, preview.preview, request)

    def _heard(self, customer_id: UUID) -> None:
        with calling(SERVICE), self.desk.database.transaction() as db:
            reviews.review_soon(db, [customer_id])
        self.settle()


def add(one: SweptHoldings, other: SweptHoldings) -> SweptHoldings:
    """Both together."""
    return SweptHoldings(
        looked_at=one.looked_at + other.looked_at,
        warned=one.warned + other.warned,
        reclaimed=one.reclaimed + other.reclaimed,
        more=other.more,
    )
