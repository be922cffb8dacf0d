"""Notices about a customer that was merged, and who is told of merges and of what they give away."""

from typing import Any
from uuid import UUID

from contracts.pool.holdings import HoldingAssigned
from contracts.values import Actor
from servicekit.database import new_id
from servicekit.testing import calling, process_named, received, rows
from services.notify.operations import notices
from tests.integration.merging import merged, unmerged
from tests.integration.notify.post import EVE, Post, reminder_for


def hear(post: Post, handler: Any, event: Any, *, sequence: int = 1, actor: Actor = EVE) -> None:
    with calling(process_named("notify")), post.database.transaction() as db:
        handler(db, received(event, actor=actor, sequence=sequence))


def assigned(**fields: Any) -> HoldingAssigned:
    """A customer was given away by Eve."""
    given = {"customer_id": new_id(), "customer_name": "Acme", "pool_id": None, "reason": "", "assigned_by": EVE}
    return HoldingAssigned.model_validate({**given, "owner_id": None, "former_owner_id": None, **fields})


def told(post: Post, person: UUID) -> list[tuple[str, str, str]]:
    return [(notice.kind, notice.title, notice.text) for notice in post.inbox(person).items]


class TestFollowMerge:
    def test_a_notice_about_the_loser_leads_to_the_survivor_until_it_is_undone(self, post: Post) -> None:
        person, survivor = post.know(), new_id()
        reminder = reminder_for(person)
        post.hear(reminder)
        before = rows(post.database, "notices")
        merge = merged(reminder.customer_id, survivor)
        hear(post, notices.follow_merge, merge, sequence=2)
        (notice,) = post.inbox(person).items
        assert (notice.customer_id, notice.link) == (survivor, f"/console/customers/{survivor}")
        hear(post, notices.follow_merge, unmerged(merge), sequence=3)
        (notice,) = post.inbox(person).items
        assert notice.customer_id == reminder.customer_id
        assert rows(post.database, "notices") == before

    def test_a_merge_that_comes_after_its_undoing_changes_nothing(self, post: Post) -> None:
        person = post.know()
        reminder = reminder_for(person)
        post.hear(reminder)
        merge = merged(reminder.customer_id, new_id())
        hear(post, notices.follow_merge, unmerged(merge), sequence=3)
        hear(post, notices.follow_merge, merge, sequence=2)
        assert post.inbox(person).items[0].customer_id == reminder.customer_id


class TestTellOfMerge:
    def test_who_held_the_loser_is_told_unless_they_did_it(self, post: Post) -> None:
        person = post.know()
        merge = merged(new_id(), new_id(), loser_owner_id=person)
        hear(post, notices.tell_of_merge, merge, actor=Actor(kind="user", id=str(person), name="Ada"))
        assert told(post, person) == []
        hear(post, notices.tell_of_merge, merge)
        text = "Eve Nowak merged these two customers."
        assert told(post, person) == [("customer.merged", "Acme Ltd is part of Acme now", text)]


class TestTellOfAssignment:
    def test_who_has_it_now_and_who_had_it_are_told(self, post: Post) -> None:
        now, before = post.know(), post.know(language="pl")
        hear(post, notices.tell_of_assignment, assigned(owner_id=now, former_owner_id=before))
        assert told(post, now) == [("holding.assigned", "Acme is yours now", "Eve Nowak gave you this customer.")]
        (notice,) = told(post, before)
        assert notice[1] == "Acme nie jest już Twoim klientem"

    def test_who_did_it_themselves_is_not(self, post: Post) -> None:
        person = post.know()
        mine = Actor(kind="user", id=str(person), name="Ada")
        hear(post, notices.tell_of_assignment, assigned(owner_id=person, assigned_by=mine))
        assert told(post, person) == []
