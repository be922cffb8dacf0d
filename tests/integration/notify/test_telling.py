"""Who is told of which event, exactly once, against a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_time

from contracts.base import Event
from contracts.errors import NotFound, Unavailable
from contracts.identity.users import UserUpdated
from contracts.opportunity.opportunities import OpportunityLost, OpportunityWon
from contracts.pool.holdings import HoldingReleased
from contracts.values import Actor, Money
from servicekit import clock, rpc
from servicekit.database import new_id
from servicekit.rpc.line import Line
from servicekit.settings import Settings
from servicekit.testing import received, refused
from tests.integration.notify.post import ACTIVITY, EVE, Directory, Post, facts_of, reminder_for

CUSTOMER = new_id()
Happening = Callable[[UUID], Event]


def released(owner: UUID) -> HoldingReleased:
    """A customer of theirs went back to a pool."""
    return HoldingReleased(
        customer_id=CUSTOMER,
        customer_name="Acme",
        former_owner_id=owner,
        pool_id=new_id(),
        pool_name="North",
        reason="no_need",
    )


def won(owner: UUID) -> OpportunityWon:
    """An opportunity of theirs was won."""
    return OpportunityWon(
        opportunity_id=new_id(),
        customer_id=CUSTOMER,
        owner_id=owner,
        name="Big deal",
        amount=Money(amount=Decimal(1054), currency="USD"),
        closed_on=clock.now().date(),
    )


def lost(owner: UUID) -> OpportunityLost:
    """An opportunity of theirs was lost."""
    return OpportunityLost(
        opportunity_id=new_id(),
        customer_id=CUSTOMER,
        owner_id=owner,
        name="Big deal",
        reason="too dear",
        competitor=None,
        closed_on=clock.now().date(),
    )


EVENTS: list[Happening] = [released, won, lost]


class TestReminders:
    def test_the_one_who_planned_it_gets_a_notice_with_a_link(self, post: Post) -> None:
        ada = post.know()
        event = post.remind(ada)
        [notice] = post.inbox(ada).items
        assert (notice.kind, notice.title) == ("reminder.due", "Follow up with Acme")
        assert notice.link == f"/console/customers/{event.data.customer_id}"
        assert notice.customer_id == event.data.customer_id
        assert notice.read_at is None

    def test_its_delivery_is_announced_once(self, post: Post) -> None:
        ada = post.know()
        post.remind(ada)
        assert post.announced(post.inbox(ada).items[0].id) == ["notice.delivered"]

    def test_it_is_in_the_language_and_time_zone_known_at_that_moment(self, post: Post) -> None:
        ada = post.know(language="pl", time_zone="Europe/Warsaw")
        first = post.remind(ada)
        post.hear(
            UserUpdated(**facts_of(ada, language="zh", time_zone="Asia/Shanghai"), changed=["language", "time_zone"]),
            sequence=2,
        )
        second = post.remind(ada)
        later, earlier = post.inbox(ada).items
        assert (earlier.title, later.title) == ("Kontakt z klientem: Acme", "跟进客户：Acme")
        for notice, event, zone in ((earlier, first, "Europe/Warsaw"), (later, second, "Asia/Shanghai")):
            assert format_time(event.data.due_at, "HH:mm", tzinfo=ZoneInfo(zone), locale="en") in notice.text


class TestWhoIsTold:
    @pytest.mark.parametrize("happening", EVENTS)
    def test_the_owner_when_somebody_else_did_it(self, post: Post, happening: Happening) -> None:
        ada = post.know()
        event = happening(ada)
        post.hear(event, actor=EVE)
        [notice] = post.inbox(ada).items
        assert notice.kind == event.topic
        assert "Eve Nowak" in notice.text
        assert notice.link == f"/console/customers/{CUSTOMER}"

    @pytest.mark.parametrize("happening", EVENTS)
    def test_the_owner_when_a_service_did_it(self, post: Post, happening: Happening) -> None:
        ada = post.know()
        post.hear(happening(ada), actor=Actor(kind="system", id="pool", name="pool"))
        assert len(post.inbox(ada).items) == 1

    @pytest.mark.parametrize("happening", EVENTS)
    def test_nobody_when_the_owner_did_it(self, post: Post, happening: Happening) -> None:
        ada = post.know()
        post.hear(happening(ada), actor=Actor(kind="user", id=str(ada), name="Ada Lovelace"))
        assert post.inbox(ada).items == []

    @pytest.mark.parametrize("happening", [won, lost])
    def test_nobody_of_what_was_over_long_ago(self, post: Post, happening: Happening) -> None:
        ada = post.know()
        last_year = clock.now().date() - timedelta(days=365)
        post.hear(happening(ada).model_copy(update={"closed_on": last_year}), actor=EVE)
        assert post.inbox(ada).items == []

    def test_nobody_who_has_left(self, post: Post) -> None:
        ada = post.know(active=False)
        post.remind(ada)
        assert post.inbox(ada).items == []

    def test_a_lost_opportunity_without_a_customer_leads_to_the_front_page(self, post: Post) -> None:
        ada = post.know()
        post.hear(lost(ada).model_copy(update={"customer_id": None}))
        [notice] = post.inbox(ada).items
        assert (notice.link, notice.customer_id) == ("/console", None)


class TestExactlyOnce:
    def test_an_event_that_comes_again_makes_no_second_notice_and_no_second_announcement(self, post: Post) -> None:
        ada = post.know()
        event = post.remind(ada)
        post.hear_again(event)
        [notice] = post.inbox(ada).items
        assert post.announced(notice.id) == ["notice.delivered"]

    def test_nor_does_one_that_comes_many_times_at_once(self, post: Post) -> None:
        ada = post.know()
        event = received(reminder_for(ada), actor=ACTIVITY)
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(post.hear_again, [event] * 24))
        [notice] = post.inbox(ada).items
        assert post.announced(notice.id) == ["notice.delivered"]

    def test_two_events_about_one_thing_are_two_notices(self, post: Post) -> None:
        ada = post.know()
        post.remind(ada)
        post.remind(ada)
        assert len(post.inbox(ada).items) == 2


class TestPeopleNotHeardOf:
    def test_they_are_asked_for_once_and_told_in_their_language(self, post: Post, directory: Directory) -> None:
        ada = directory.add(language="zh", time_zone="Asia/Shanghai")
        post.remind(ada)
        post.remind(ada)
        assert [notice.title for notice in post.inbox(ada).items] == ["跟进客户：Acme"] * 2
        assert directory.asked == 1

    def test_their_own_first_event_still_counts(self, post: Post, directory: Directory) -> None:
        ada = directory.add(language="zh", time_zone="Asia/Shanghai")
        post.remind(ada)
        post.hear(UserUpdated(**facts_of(ada, language="pl", time_zone="UTC"), changed=["language"]), sequence=1)
        post.remind(ada)
        assert post.inbox(ada).items[0].title == "Kontakt z klientem: Acme"

    @pytest.mark.usefixtures("directory")
    def test_an_event_about_nobody_is_refused_so_that_it_is_parked_for_a_person_to_see(self, post: Post) -> None:
        with refused(NotFound, "user.not_found"):
            post.remind(new_id())

    def test_while_they_can_not_be_asked_for_the_event_waits(self, post: Post) -> None:
        ada = new_id()
        rpc.use(Line(Settings(), "notify"), lambda: "")
        try:
            with refused(Unavailable, "broker.unavailable"):
                post.remind(ada)
        finally:
            rpc.use(None)
        assert post.inbox(ada).items == []


class TestKeepUser:
    def test_an_earlier_fact_that_comes_late_changes_nothing(self, post: Post) -> None:
        ada = post.know(language="pl")
        post.hear(UserUpdated(**facts_of(ada, language="zh", time_zone="UTC"), changed=["language"]), sequence=3)
        post.hear(UserUpdated(**facts_of(ada, language="en", time_zone="UTC"), changed=["language"]), sequence=2)
        post.remind(ada)
        assert post.inbox(ada).items[0].title == "跟进客户：Acme"
