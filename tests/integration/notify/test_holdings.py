"""Who is told of customers that a rule takes, or will take, and of those that are handed over."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.pool.assignments import HoldingTransferred
from contracts.pool.rules import HoldingReclaimed, HoldingReclaimWarned
from contracts.values import Actor
from servicekit import rpc
from servicekit.database import new_id
from servicekit.settings import Settings
from services.notify.operations import notices
from tests.integration.notify.post import Directory, Post
from tests.integration.notify.test_merging import hear, told

POOL = Actor(kind="system", id="pool", name="pool")
WHY = {"en": "No follow-up since January 7, 2030.", "zh": "没有跟进。", "pl": "Brak kontaktu."}


@pytest.fixture
def directory() -> Iterator[Directory]:
    """Who answers for whom."""
    directory = Directory(Settings(), "notify")
    rpc.use(directory, lambda: "")
    yield directory
    rpc.use(None)


def warned(owner: UUID, **more: Any) -> HoldingReclaimWarned:
    """A customer of theirs will be taken."""
    return HoldingReclaimWarned(
        customer_id=new_id(),
        customer_name="Acme",
        owner_id=owner,
        deadline=date(2030, 1, 17),
        reclaim_at=datetime(2030, 1, 18, tzinfo=UTC),
        rule="no_follow_up",
        reasoning=WHY,
        **{"days_left": 7, "last": False, **more},
    )


class TestWarnOfReclaim:
    def test_the_owner_is_told_until_when_and_why_in_their_language(self, post: Post, directory: Directory) -> None:
        person = post.know(language="pl")
        directory.managers[person] = post.know()
        hear(post, notices.warn_of_reclaim, warned(person), actor=POOL)
        text = "Acme wróci do puli po dniu 17 stycznia 2030"
        assert told(post, person) == [("holding.reclaim_warned", text, WHY["pl"])]
        assert told(post, directory.managers[person]) == []

    def test_their_manager_is_told_of_the_last_one(self, post: Post, directory: Directory) -> None:
        person, manager = post.know(), post.know(language="zh")
        directory.managers[person] = manager
        hear(post, notices.warn_of_reclaim, warned(person, days_left=1, last=True), actor=POOL)
        assert len(told(post, person)) == 1
        ((_, title, text),) = told(post, manager)
        assert title.startswith("Ada Lovelace 将在")
        assert text == WHY["zh"]

    def test_whoever_has_no_manager_is_told_alone(self, post: Post, directory: Directory) -> None:
        assert directory.managers == {}
        person = post.know()
        hear(post, notices.warn_of_reclaim, warned(person, last=True), actor=POOL)
        assert len(told(post, person)) == 1


class TestTellOfReclaim:
    def test_the_former_owner_is_told_why(self, post: Post) -> None:
        person = post.know()
        taken = HoldingReclaimed(
            customer_id=new_id(),
            customer_name="Acme",
            former_owner_id=person,
            pool_id=new_id(),
            pool_name="North",
            rule="no_follow_up",
            deadline=date(2030, 1, 17),
            reasoning=WHY,
        )
        hear(post, notices.tell_of_reclaim, taken, actor=POOL)
        assert told(post, person) == [("holding.reclaimed", "Acme is no longer yours", WHY["en"])]


class TestTellOfTransfer:
    def test_who_gets_it_is_told_and_who_handed_it_over_is_not(self, post: Post) -> None:
        now, before = post.know(), post.know()
        moved = HoldingTransferred(
            customer_id=new_id(), customer_name="Acme", owner_id=now, former_owner_id=before, note=""
        )
        hear(post, notices.tell_of_transfer, moved, actor=Actor(kind="user", id=str(before), name="Ada"))
        assert told(post, now) == [("holding.transferred", "Acme is yours now", "Ada gave you this customer.")]
        assert told(post, before) == []
