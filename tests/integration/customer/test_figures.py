"""What others' records say of a customer in figures, against a real database."""

from datetime import UTC, datetime
from uuid import UUID

from contracts.activity import ActivityKind, ActivityLogged
from servicekit.database import new_id
from services.customer import models
from services.customer.operations import figures
from tests.integration.customer.office import Office

MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def touched(office: Office, customer_id: UUID, moment: datetime) -> None:
    """An activity is announced that says the customer was touched at this moment."""
    event = ActivityLogged(
        activity_id=new_id(),
        customer_id=customer_id,
        opportunity_id=None,
        owner_id=office.rep.user_id,
        kind=ActivityKind.CALL,
        occurred_at=moment,
        back_dated=False,
    )
    office.hear(figures.keep_touch, event)


def last_touch(office: Office, customer_id: UUID) -> datetime | None:
    """When the customer was last touched, as far as the service has heard."""
    with office.database.transaction() as db:
        kept = db.get(models.Figures, customer_id)
        return None if kept is None else kept.last_activity_at


class TestKeepTouch:
    def test_a_later_touch_takes_the_place_of_an_earlier_one(self, office: Office) -> None:
        made = office.create(office.rep, "Touched twice")
        touched(office, made.id, MAY)
        touched(office, made.id, JUNE)
        assert last_touch(office, made.id) == JUNE

    def test_an_earlier_touch_that_is_told_of_later_changes_nothing(self, office: Office) -> None:
        made = office.create(office.rep, "Told late")
        touched(office, made.id, JUNE)
        touched(office, made.id, MAY)
        assert last_touch(office, made.id) == JUNE

    def test_a_customer_that_nobody_touched_has_no_moment(self, office: Office) -> None:
        assert last_touch(office, office.create(office.rep, "Untouched").id) is None
