"""What a person may still have of a pool, and what they had today: docs/decisions/0012-limits.md."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.pool.pools import PoolLimits
from servicekit import company
from services.pool import models
from services.pool.queries import limits as queries
from services.pool.queries.pools import limits_of
from services.pool.rules.handing import DONE, Answer, full
from services.pool.rules.limits import Allowance, free_again, left


def hold_claimers(db: Session, user_ids: Collection[UUID]) -> None:
    """What is counted of these people stays true from here to the commit. To be called before any holding is locked."""
    known = insert(models.Claimer).values([{"user_id": each} for each in sorted(user_ids)])
    db.execute(known.on_conflict_do_nothing())
    queries.lock_claimers(db, user_ids)


def allowance_of(
    db: Session, user_id: UUID, pool_id: UUID, limits: PoolLimits, customer_ids: Collection[UUID]
) -> Allowance:
    """What a person, whose row is held, may still claim of these customers of a pool."""
    holdings = claims = None
    if limits.holdings is not None:
        held = queries.holdings_of(db, user_id, pool_id, without_bought=limits.bought_exempt)
        holdings = left(limits.holdings, held)
    if limits.claims_per_day is not None:
        claims = left(limits.claims_per_day, queries.claims_of(db, user_id, pool_id, company.today()))
    exempt = queries.bought(db, customer_ids) if limits.bought_exempt else set()
    return Allowance(limits, holdings, claims, exempt, _barred(db, user_id, limits, customer_ids))


def spend(db: Session, user_id: UUID, pool_id: UUID, count: int) -> None:
    """Count claims of today."""
    if not count:
        return
    today = {"owner_id": user_id, "pool_id": pool_id, "day": company.today()}
    spent = insert(models.DailyClaims).values(**today, spent=count)
    more = {"spent": models.DailyClaims.spent + count}
    db.execute(spent.on_conflict_do_update(index_elements=list(today), set_=more))


def _barred(db: Session, user_id: UUID, limits: PoolLimits, customer_ids: Collection[UUID]) -> dict[UUID, date]:
    if limits.cool_down_days is None:
        return {}
    today, ended = company.today(), queries.ends_of(db, user_id, customer_ids)
    first = {each: free_again(company.day_of(at), limits.cool_down_days) for each, at in ended.items()}
    return {customer_id: day for customer_id, day in first.items() if day > today}


class Room:
    """How many more customers a person, whose row is held, may be given of each pool that these came from."""

    def __init__(self, db: Session, user_id: UUID, customer_ids: Collection[UUID]) -> None:
        self._homes = queries.homes_of(db, customer_ids)
        self._limits = {pool_id: limits_of(db, pool_id) for pool_id in set(self._homes.values())}
        self._left = {
            pool_id: left(
                limits.holdings, queries.holdings_of(db, user_id, pool_id, without_bought=limits.bought_exempt)
            )
            for pool_id, limits in self._limits.items()
            if limits.holdings is not None
        }
        exempt = any(limits.bought_exempt for limits in self._limits.values())
        self._bought = queries.bought(db, customer_ids) if exempt else set()

    def take(self, customer_id: UUID) -> Answer:
        """Give them this customer, if there is room for it."""
        home = self._homes[customer_id]
        limits = self._limits[home]
        room = self._left.get(home)
        if room is None or (limits.bought_exempt and customer_id in self._bought):
            return DONE
        if room <= 0:
            return full(limits)
        self._left[home] = room - 1
        return DONE
