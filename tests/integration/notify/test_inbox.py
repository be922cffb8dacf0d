"""Reading one's own notices and marking them read, against a real database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from contracts.errors import InvalidInput, NotPermitted
from contracts.notify import ListNotices, MarkNoticesRead, Notice
from servicekit.database import new_id
from servicekit.testing import calling, process_named, refused
from services.notify.operations import notices
from tests.integration.notify.post import Post


@pytest.fixture
def ada(post: Post) -> UUID:
    """Somebody with five notices, told in the order of their numbers."""
    person = post.know()
    for number in range(5):
        post.remind(person, f"Customer {number}")
    return person


def numbers(notices: list[Notice]) -> list[int]:
    """Which of the five these are."""
    return [int(notice.title.rpartition(" ")[2]) for notice in notices]


class TestListNotices:
    def test_they_come_latest_first(self, post: Post, ada: UUID) -> None:
        page = post.inbox(ada)
        assert numbers(page.items) == [4, 3, 2, 1, 0]
        assert (page.next_cursor, page.unread) == (None, 5)

    def test_pages_follow_each_other_while_new_ones_arrive(self, post: Post, ada: UUID) -> None:
        first = post.inbox(ada, limit=2)
        post.remind(ada, "Customer 5")
        second = post.inbox(ada, limit=2, cursor=first.next_cursor)
        third = post.inbox(ada, limit=2, cursor=second.next_cursor)
        assert [numbers(page.items) for page in (first, second, third)] == [[4, 3], [2, 1], [0]]
        assert third.next_cursor is None

    def test_unread_and_read_ones_can_be_asked_for(self, post: Post, ada: UUID) -> None:
        items = post.inbox(ada).items
        post.mark_read(ada, items[0].id, items[3].id)
        assert numbers(post.inbox(ada, unread=True).items) == [3, 2, 0]
        assert numbers(post.inbox(ada, unread=False).items) == [4, 1]

    def test_the_count_of_unread_ones_is_of_all_not_of_the_page(self, post: Post, ada: UUID) -> None:
        post.mark_read(ada, post.inbox(ada).items[0].id)
        assert post.inbox(ada, limit=1, unread=False).unread == 4

    def test_those_of_one_kind_can_be_asked_for(self, post: Post, ada: UUID) -> None:
        assert len(post.inbox(ada, kind="reminder.due").items) == 5
        assert post.inbox(ada, kind="holding.released").items == []

    def test_they_are_counted_when_asked(self, post: Post, ada: UUID) -> None:
        post.mark_read(ada, post.inbox(ada).items[0].id)
        assert post.inbox(ada, limit=1).total is None
        assert post.inbox(ada, limit=1, count=True).total == 5
        assert post.inbox(ada, limit=1, count=True, unread=True).total == 4

    def test_another_persons_are_not_seen(self, post: Post, ada: UUID) -> None:
        page = post.inbox(post.know())
        assert (page.items, page.unread) == ([], 0)
        assert len(post.inbox(ada).items) == 5

    def test_a_made_up_cursor_is_a_fault_of_its_field(self, post: Post, ada: UUID) -> None:
        with refused(InvalidInput, "cursor.invalid"):
            post.inbox(ada, cursor="bm90IG9uZQ")


class TestMarkNoticesRead:
    def test_they_are_read_from_then_on(self, post: Post, ada: UUID) -> None:
        first, second, *_ = post.inbox(ada).items
        assert post.mark_read(ada, first.id, second.id) == 2
        read = {notice.id for notice in post.inbox(ada).items if notice.read_at is not None}
        assert read == {first.id, second.id}
        assert post.inbox(ada).unread == 3

    def test_one_that_is_read_already_keeps_its_time_and_does_not_count(self, post: Post, ada: UUID) -> None:
        first = post.inbox(ada).items[0]
        post.mark_read(ada, first.id)
        before = post.inbox(ada).items[0].read_at
        assert post.mark_read(ada, first.id) == 0
        assert post.inbox(ada).items[0].read_at == before

    def test_unknown_ones_are_passed_over(self, post: Post, ada: UUID) -> None:
        assert post.mark_read(ada, new_id(), post.inbox(ada).items[0].id, new_id()) == 1

    def test_another_persons_stay_unread(self, post: Post, ada: UUID) -> None:
        assert post.mark_read(post.know(), *(notice.id for notice in post.inbox(ada).items)) == 0
        assert post.inbox(ada).unread == 5

    def test_two_who_mark_the_same_ones_at_once_count_each_once(self, post: Post, ada: UUID) -> None:
        ids = [notice.id for notice in post.inbox(ada).items]
        with ThreadPoolExecutor(4) as threads:
            orders = [ids, ids[::-1]] * 4
            assert sum(threads.map(lambda order: post.mark_read(ada, *order), orders)) == 5


class TestAProcessHasNoInbox:
    @pytest.mark.parametrize(
        "operation",
        [
            lambda db: notices.list_notices(db, ListNotices()),
            lambda db: notices.mark_read(db, MarkNoticesRead(notice_ids=[new_id()])),
        ],
    )
    def test_it_is_refused(self, post: Post, operation: Callable[[Session], object]) -> None:
        with (
            refused(NotPermitted, "auth.users_only"),
            calling(process_named("pool")),
            post.database.transaction() as db,
        ):
            operation(db)
