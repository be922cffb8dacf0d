"""What others' records say of a customer in figures, against a real database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from uuid import UUID

from contracts.activity import ActivityKind, ActivityLogged
from contracts.base import Event
from contracts.opportunity.opportunities import OpportunityLost, OpportunityOpened, OpportunityUpdated, OpportunityWon
from contracts.values import Money
from servicekit.database import new_id
from services.customer import models
from services.customer.operations import figures
from tests.integration.customer.office import Office, at_once

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


def figures_of(office: Office, customer_id: UUID) -> models.Figures:
    """All figures of a customer."""
    with office.database.transaction() as db:
        kept = db.get(models.Figures, customer_id)
        assert kept is not None
        return kept


def dollars(amount: str) -> Money:
    """So many US dollars."""
    return Money(amount=Decimal(amount), currency="USD")


class Deal:
    """An opportunity whose events arrive as the test says."""

    def __init__(self, office: Office, customer_id: UUID) -> None:
        self.office = office
        self.facts = {"opportunity_id": new_id(), "owner_id": office.rep.user_id, "name": "Deal"}
        self.customer_id = customer_id

    def opened(self, amount: str, *, sequence: int = 1) -> None:
        """It began."""
        more = {"pipeline_id": new_id(), "stage": "First", "customer_id": self.customer_id, "amount": dollars(amount)}
        self._hear(OpportunityOpened(**self.facts, **more), sequence)

    def updated(self, amount: str, *, sequence: int, customer_id: UUID | None = None) -> None:
        """Its amount changed, or whose it is."""
        more = {"customer_id": customer_id or self.customer_id, "amount": dollars(amount), "changed": ["amount"]}
        self._hear(OpportunityUpdated(**self.facts, **more), sequence)

    def won(self, amount: str, day: date, *, sequence: int) -> None:
        """It was won."""
        more = {"customer_id": self.customer_id, "amount": dollars(amount), "closed_on": day}
        self._hear(OpportunityWon(**self.facts, **more), sequence)

    def lost(self, *, sequence: int) -> None:
        """It was lost."""
        more = {"customer_id": self.customer_id, "reason": "Price", "competitor": None, "closed_on": date(2026, 5, 1)}
        self.office.hear(figures.keep_loss, OpportunityLost(**self.facts, **more), sequence=sequence)

    def _hear(self, event: Event, sequence: int) -> None:
        self.office.hear(figures.keep_opportunity, event, sequence=sequence)


class TestKeepOpportunity:
    def test_open_and_won_ones_are_counted_and_summed(self, office: Office) -> None:
        made = office.create(office.rep, "Buyer")
        first, second, third = (Deal(office, made.id) for _ in range(3))
        first.opened("10.50")
        second.opened("1.25")
        second.updated("2.25", sequence=2)
        third.opened("7.00")
        third.won("8.00", date(2026, 5, 2), sequence=2)
        kept = figures_of(office, made.id)
        assert (kept.open_count, kept.open_amounts) == (2, {"USD": "12.75"})
        assert (kept.won_count, kept.won_amounts, kept.last_won_on) == (1, {"USD": "8.00"}, date(2026, 5, 2))

    def test_what_is_lost_counts_no_more(self, office: Office) -> None:
        made = office.create(office.rep, "Loser")
        deal = Deal(office, made.id)
        deal.opened("5.00")
        deal.lost(sequence=2)
        assert figures_of(office, made.id).open_count == 0

    def test_in_whatever_order_they_are_told_the_figures_are_the_same(self, office: Office) -> None:
        made = office.create(office.rep, "Shuffled deal")
        deal = Deal(office, made.id)
        deal.updated("9.00", sequence=3)
        deal.won("8.00", date(2026, 5, 2), sequence=2)
        deal.opened("7.00", sequence=1)
        kept = figures_of(office, made.id)
        assert (kept.open_count, kept.won_count, kept.won_amounts) == (0, 1, {"USD": "9.00"})

    def test_one_that_gets_another_customer_moves_its_figures(self, office: Office) -> None:
        before, after = office.create(office.rep, "Before"), office.create(office.rep, "After")
        deal = Deal(office, before.id)
        deal.opened("5.00")
        deal.updated("5.00", sequence=2, customer_id=after.id)
        assert [figures_of(office, each.id).open_count for each in (before, after)] == [0, 1]

    def test_two_at_once_are_both_counted(self, office: Office) -> None:
        made = office.create(office.rep, "Busy")
        deals = [Deal(office, made.id) for _ in range(4)]
        assert at_once(*(partial(deal.opened, "1.00") for deal in deals)) == ["done"] * 4
        assert figures_of(office, made.id).open_amounts == {"USD": "4.00"}


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
