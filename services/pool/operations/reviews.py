"""Reviewing holdings: what their rules come to by the facts of now, and which are to be looked at again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from servicekit import clock, company
from services.pool import models, peers
from services.pool.queries import reclaim as queries
from services.pool.queries.reclaim import Reviewed
from services.pool.rules import reclaim as rules
from services.pool.rules.reclaim import Facts, InForce, Verdict

RECOUNT_BATCH = 2_000
WARN_AT = time(8)
"""The company's hour at which warnings are given."""


class Judged(NamedTuple):
    """A holding with what its review came to."""

    reviewed: Reviewed
    verdict: Verdict


def judge_all(
    reviewed: Sequence[Reviewed], schedule_of: Mapping[UUID, Sequence[InForce]], now: datetime
) -> list[Judged]:
    """What a review of these comes to by now, by the facts as they are committed now; Unavailable without them."""
    ruled = [each for each in reviewed if schedule_of.get(each.home_pool_id)]
    segments = {one for schedule in schedule_of.values() for each in schedule for one in each.rules.exempt_segments}
    facts = facts_of(ruled, segments)
    today, awake = company.day_of(now), company.day_of(now - timedelta(hours=WARN_AT.hour))
    return [
        Judged(
            each,
            rules.judge(
                schedule_of.get(each.home_pool_id, ()),
                facts.get(each.held.customer_id, Facts(since=company.day_of(each.held.since))),
                each.state,
                today,
                awake=awake,
            ),
        )
        for each in reviewed
    ]


def facts_of(reviewed: Sequence[Reviewed], segment_ids: Collection[UUID]) -> dict[UUID, Facts]:
    """What deadlines of these depend on, asked of the services that know it."""
    if not reviewed:
        return {}
    known = peers.facts_of({each.held.customer_id: each.held.since for each in reviewed}, segment_ids)
    found = {}
    for each in reviewed:
        customer_id = each.held.customer_id
        sales, classed = known.sales.get(customer_id), known.classes.get(customer_id)
        opened_at = sales and sales.opened_at
        found[customer_id] = Facts(
            since=company.day_of(each.held.since),
            level=classed.level if classed else None,
            segment_ids=classed.segment_ids if classed else (),
            touched={kind: company.day_of(last) for kind, last in known.touches.get(customer_id, {}).items()},
            open=bool(sales and sales.open),
            opened=company.day_of(opened_at) if opened_at else None,
            ever_won=bool(sales and sales.won),
            won=sales.won_on if sales else None,
            not_before=each.protected_until,
        )
    return found


def review_soon(db: Session, customer_ids: Collection[UUID]) -> None:
    """Let the next round of the sweep look at these, where any pool has rules."""
    held, now = models.Holding, clock.now()
    later = or_(held.review_at.is_(None), held.review_at > now)
    statement = update(held).where(held.customer_id.in_(customer_ids), held.owner_id.is_not(None), later)
    ruled = exists().select_from(models.RuleSet)
    db.execute(statement.where(ruled).values(review_at=now), execution_options={"synchronize_session": False})


def recount(db: Session) -> bool:
    """Let the sweep look at some of the holdings whose rules were changed; True when there are more."""
    change = queries.to_recount(db)
    if change is None:
        return False
    found = queries.held_under(db, change.pool_id, after=change.upto_customer_id, limit=RECOUNT_BATCH)
    review_soon(db, found)
    if len(found) < RECOUNT_BATCH:
        db.delete(change)
    else:
        change.upto_customer_id = found[-1]
    return True


def begin_recount(db: Session, pool_id: UUID) -> None:
    """From now on let the sweep look at all that is held under a pool's rules."""
    marked = insert(models.Recount).values(pool_id=pool_id, upto_customer_id=None)
    db.execute(marked.on_conflict_do_update(index_elements=["pool_id"], set_={"upto_customer_id": None}))
