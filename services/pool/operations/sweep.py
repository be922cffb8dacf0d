"""The sweep: reviews what is due, warns, takes back; docs/decisions/0018-sweep.md."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, String, Uuid, cast, func, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from contracts.pool.rules import HoldingReclaimed, HoldingReclaimWarned, ReclaimRule, SweptHoldings
from contracts.values import PoolRef
from servicekit import clock, company
from servicekit.operators import require_operator
from servicekit.outbox import publish
from services.pool import models, texts
from services.pool.metrics import RECLAIMED, WARNED
from services.pool.operations.moving import move_all
from services.pool.operations.reviews import WARN_AT, Judged, judge_all
from services.pool.queries import reclaim as queries
from services.pool.queries.reclaim import Reviewed
from services.pool.queries.rules import schedules
from services.pool.rules import reclaim as rules
from services.pool.rules.moves import Move
from services.pool.rules.reclaim import Deadline, Verdict

REVIEW_BATCH = 200
SETTLED = timedelta(minutes=1)
"""After so long, all that was under way when a deadline day ended has committed, and facts can be asked for."""


_REVIEWED: dict[str, TypeEngine[Any]] = {
    "customer_id": Uuid(),
    "reclaim_on": Date(),
    "reclaim_rule": String(),
    "review_at": DateTime(timezone=True),
    "warned_days": Integer(),
    "terms": String(),
    "not_before": Date(),
}
"""The columns that a review writes."""


class Ended(NamedTuple):
    """A holding whose time is over."""

    reviewed: Reviewed
    deadline: Deadline


def sweep_now(db: Session) -> SweptHoldings:
    """A round of the sweep, for operators."""
    require_operator()
    return sweep(db)


def sweep(db: Session) -> SweptHoldings:
    """Review some holdings that are due. Unavailable when their facts can't be had; then nothing is changed."""
    now = clock.now()
    due = queries.due(db, now, limit=REVIEW_BATCH)
    if not due:
        return SweptHoldings(looked_at=0, warned=0, reclaimed=0, more=False)
    kept: list[Judged] = []
    taken: list[Ended] = []
    for each in judge_all(due, schedules(db), now):
        deadline = each.verdict.deadline
        if deadline is not None and now >= company.end_of(deadline.day) + SETTLED:
            taken.append(Ended(each.reviewed, deadline))
        else:
            kept.append(each)
    _take(db, taken)
    _keep(db, kept, now)
    warned = _warn(db, kept, company.day_of(now))
    more = len(due) == REVIEW_BATCH
    return SweptHoldings(looked_at=len(due), warned=warned, reclaimed=len(taken), more=more)


def _take(db: Session, taken: Sequence[Ended]) -> None:
    """Give each to the pool that its rules say, with the reasoning in its history and in the event."""
    pools = queries.pool_names(db) if taken else {}
    together: dict[tuple[ReclaimRule, UUID], list[Ended]] = defaultdict(list)
    for each in taken:
        home = each.reviewed.home_pool_id
        chosen = rules.target(each.deadline.rules, each.reviewed.department_id, home)
        together[each.deadline.rule, chosen if chosen in pools else home].append(each)
    for (rule, pool_id), group in together.items():
        pool = PoolRef(id=pool_id, name=pools[pool_id])
        reasoning = {each.reviewed.held.customer_id: _reasoning(each, pool) for each in group}
        held = [each.reviewed.held for each in group]
        move_all(db, held, Move.RECLAIMED, pool_id=pool_id, reason=rule, reasoning=reasoning)
        publish(db, *(_reclaimed(each, pool, reasoning[each.reviewed.held.customer_id]) for each in group))
        RECLAIMED.labels(rule).inc(len(group))


def _reasoning(ended: Ended, pool: PoolRef) -> dict[str, str]:
    return texts.taken(ended.deadline, pool.name, by_department=pool.id != ended.reviewed.home_pool_id)


def _reclaimed(ended: Ended, pool: PoolRef, reasoning: dict[str, str]) -> HoldingReclaimed:
    held, deadline = ended.reviewed.held, ended.deadline
    return HoldingReclaimed(
        customer_id=held.customer_id,
        customer_name=held.customer_name,
        former_owner_id=ended.reviewed.owner_id,
        pool_id=pool.id,
        pool_name=pool.name,
        rule=deadline.rule,
        deadline=deadline.day,
        reasoning=reasoning,
    )


def _warn(db: Session, kept: Sequence[Judged], today: date) -> int:
    """Announce the warnings that are due; how many."""
    warned = 0
    for reviewed, verdict in kept:
        if verdict.deadline is None or verdict.warning is None:
            continue
        publish(db, _warning(reviewed, verdict.deadline, verdict.warning, today))
        warned += 1
    WARNED.inc(warned)
    return warned


def _warning(reviewed: Reviewed, deadline: Deadline, days: int, today: date) -> HoldingReclaimWarned:
    return HoldingReclaimWarned(
        customer_id=reviewed.held.customer_id,
        customer_name=reviewed.held.customer_name,
        owner_id=reviewed.owner_id,
        deadline=deadline.day,
        reclaim_at=company.end_of(deadline.day),
        rule=deadline.rule,
        days_left=(deadline.day - today).days,
        last=rules.is_last_warning(deadline.rules, days),
        reasoning=texts.why(deadline),
    )


def _keep(db: Session, kept: Sequence[Judged], now: datetime) -> None:
    """Write down what a review came to, and when the next one is due; one statement for all."""
    if not kept:
        return
    columns = zip(_REVIEWED.items(), zip(*(_row(each, now) for each in kept), strict=True), strict=True)
    arrays = [cast(list(given), ARRAY(kind)) for (_, kind), given in columns]
    told = func.unnest(*arrays).table_valued(*_REVIEWED).render_derived(name="told")
    held = models.Holding
    written = {name: told.c[name] for name in _REVIEWED if name != "customer_id"}
    statement = update(held).where(held.customer_id == told.c.customer_id).values(written)
    db.execute(statement, execution_options={"synchronize_session": False})


def _row(each: Judged, now: datetime) -> tuple[object, ...]:
    deadline, state = each.verdict.deadline, each.verdict.state
    return (
        each.reviewed.held.customer_id,
        state.reclaim_on,
        None if deadline is None else str(deadline.rule),
        _next_review(each.verdict, now),
        state.warned_days,
        state.terms,
        state.not_before,
    )


def _next_review(verdict: Verdict, now: datetime) -> datetime | None:
    """The next warning, or the moment after the deadline; None while only an event can change anything."""
    moments = []
    if verdict.look_on is not None:
        moments.append(company.at(verdict.look_on, WARN_AT))
    if verdict.deadline is not None:
        moments.append(company.end_of(verdict.deadline.day) + SETTLED)
    return min((each for each in moments if each > now), default=None)
