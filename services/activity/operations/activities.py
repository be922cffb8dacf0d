"""Recording touches, and reading them."""

from sqlalchemy.orm import Session

from contracts.activity import (
    Activity,
    ActivityLogged,
    ActivityPage,
    CustomerActivity,
    DescribedTouches,
    DescribeTouches,
    GetActivity,
    GetCustomerActivity,
    ListActivities,
    LogActivity,
)
from contracts.errors import NotFound, fault
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.operators import require_process
from servicekit.outbox import publish
from services.activity import models, peers, queries, rules
from services.activity.operations.follow_ups import plan
from services.activity.operations.known import survivor_of
from services.activity.operations.rights import customer_to_edit, owner_of_new, visible_customer


def log(db: Session, request: LogActivity) -> Activity:
    """Record a touch and, where asked for, plan the next one: both or neither."""
    now, person = clock.now(), caller()
    occurred_at = rules.occurrence(request.occurred_at, now)
    customer = customer_to_edit(db, person, request.customer_id)
    owner_id = owner_of_new(db, person, customer, request.owner_id)
    _check_links(request)
    touch = models.Activity(
        id=new_id(),
        **request.model_dump(exclude={"occurred_at", "next_follow_up", "owner_id"}),
        owner_id=owner_id,
        occurred_at=occurred_at,
        back_dated=rules.is_back_dated(occurred_at, now),
        created_at=now,
        updated_at=now,
    )
    db.add(touch)
    publish(db, _logged(touch))
    following = None
    if request.next_follow_up is not None:
        field = "next_follow_up.due_at"
        following = plan(db, request.customer_id, request.next_follow_up, owner_id=owner_id, now=now, field=field)
    db.flush()
    owner = queries.user_name(db, owner_id)
    planned = following and queries.as_follow_up(following, customer.name, owner)
    return queries.as_activity(touch, customer.name, owner).model_copy(update={"next_follow_up": planned})


def get(db: Session, request: GetActivity) -> Activity:
    """One activity that the caller may see."""
    found = queries.activity(db, caller(), request.activity_id)
    if found is None:
        raise NotFound("activity.not_found", "There is no such activity.")
    return found


def list_activities(db: Session, request: ListActivities) -> ActivityPage:
    """A page of the activities that the caller may see."""
    survivor_id = survivor_of(db, request.customer_id)
    return queries.list_activities(db, caller(), request.model_copy(update={"customer_id": survivor_id}))


def customer_activity(db: Session, request: GetCustomerActivity) -> CustomerActivity:
    """The activities' part of the 360 view."""
    visible_customer(db, caller(), request.customer_id)
    return queries.customer_activity(db, request.customer_id)


def describe_touches(db: Session, request: DescribeTouches) -> DescribedTouches:
    """When customers were last touched."""
    require_process()
    return DescribedTouches(items=queries.last_touches(db, request.customer_ids))


def _logged(touch: models.Activity) -> ActivityLogged:
    return ActivityLogged(
        activity_id=touch.id,
        customer_id=touch.customer_id,
        opportunity_id=touch.opportunity_id,
        owner_id=touch.owner_id,
        kind=touch.kind,
        outcome=touch.outcome,
        occurred_at=touch.occurred_at,
        back_dated=touch.back_dated,
    )


def _check_links(request: LogActivity) -> None:
    """What a touch names must hang from its customer. InvalidInput: activity.unknown_contact, .unknown_opportunity."""
    if request.contact_id is not None and not peers.is_contact_of(request.customer_id, request.contact_id):
        raise fault("contact_id", "activity.unknown_contact", "This customer has no such contact.")
    if request.opportunity_id is not None and not peers.is_opportunity_of(request.customer_id, request.opportunity_id):
        message = "There is no such opportunity with this customer."
        raise fault("opportunity_id", "activity.unknown_opportunity", message)
