"""The dry run: what rules, or proposed ones, would take back by a day; it reads and changes nothing."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.pool.rules import PreviewReclaim, Reclaim, ReclaimPreview
from contracts.values import CustomerRef, PoolRef, UserRef
from servicekit import clock, company, context
from services.pool import texts
from services.pool.operations.pools import pool_ref
from services.pool.operations.reviews import Judged, judge_all
from services.pool.operations.rules import check_rules
from services.pool.queries import reclaim as queries
from services.pool.queries.rules import schedules
from services.pool.rules import reclaim as rules
from services.pool.rules import rights
from services.pool.rules.reclaim import Deadline, InForce

_DAYS_AHEAD = timedelta(days=30)
_DAY = timedelta(days=1)


def preview(db: Session, request: PreviewReclaim) -> ReclaimPreview:
    """A page of what would be taken."""
    caller = context.caller()
    if caller.kind != "system":
        rights.require_manager(caller.role)
    home = pool_ref(db, request.pool_id)
    now = clock.now()
    today = company.day_of(now)
    schedule = schedules(db).get(home.id, [])
    if request.rules is not None:
        check_rules(db, request.rules)
        tomorrow = today + _DAY
        schedule = [*(each for each in schedule if each.first < tomorrow), InForce(tomorrow, request.rules)]
    found, next_cursor = queries.under_rules_of(db, caller, home.id, limit=request.limit, cursor=request.cursor)
    until = request.until or today + _DAYS_AHEAD
    pools = queries.pool_names(db)
    items = []
    for each in judge_all(found, {home.id: schedule}, now):
        deadline = each.verdict.deadline
        if deadline is not None and deadline.day <= until:
            target = rules.target(deadline.rules, each.reviewed.department_id, home.id)
            items.append(_reclaim(each, deadline, target if target in pools else home.id, pools))
    return ReclaimPreview(items=items, looked_at=len(found), next_cursor=next_cursor)


def _reclaim(each: Judged, deadline: Deadline, target: UUID, pools: Mapping[UUID, str]) -> Reclaim:
    held = each.reviewed.held
    return Reclaim(
        customer=CustomerRef(id=held.customer_id, name=held.customer_name),
        owner=UserRef(id=each.reviewed.owner_id, name=each.reviewed.owner_name),
        since=held.since,
        reclaim_at=company.end_of(deadline.day),
        rule=deadline.rule,
        pool=PoolRef(id=target, name=pools[target]),
        reasoning=texts.why(deadline),
    )
