"""Reading who holds and held what: each caller sees what they may see, page by page."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.pool.holdings import HoldingPage, HoldingSort, ListHoldingHistory, ListHoldings
from contracts.pool.pools import DEFAULT_POOL_ID, FreeCustomerPage, ListFreeCustomers
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from services.pool.operations import holdings, pools
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, SERVICE, Desk, manager_of, rep

NEWEST, OLDEST, DEADLINE = HoldingSort

NORTH, SOUTH = new_id(), new_id()
OWNER = rep(NORTH)


def owned(desk: Desk) -> UUID:
    """A customer of a rep in the northern department."""
    desk.add_user(OWNER)
    return desk.add_customer(owner=OWNER, name="Nordwind")


class TestGetHolding:
    @pytest.mark.parametrize(
        "caller",
        [OWNER, manager_of(SOUTH, NORTH), ADMIN, AUDITOR, PROGRAM],
        ids=["owner", "manager", "admin", "auditor", "integration"],
    )
    def test_who_may_see_a_held_customer_reads_who_holds_it(self, desk: Desk, caller: Caller) -> None:
        holding = desk.holding(caller, owned(desk))
        assert holding.customer.name == "Nordwind"
        assert holding.owner is not None
        assert (holding.owner.id, holding.owner.name) == (OWNER.user_id, OWNER.name)

    @pytest.mark.parametrize(
        "caller", [rep(NORTH), manager_of(SOUTH), SERVICE], ids=["colleague", "other manager", "system"]
    )
    def test_others_do_not_find_it(self, desk: Desk, caller: Caller) -> None:
        customer_id = owned(desk)
        with pytest.raises(NotFound) as missed:
            desk.holding(caller, customer_id)
        assert missed.value.code == "holding.not_found"

    def test_a_customer_in_a_pool_is_seen_by_every_rep(self, desk: Desk) -> None:
        holding = desk.holding(rep(), desk.add_customer())
        assert holding.owner is None
        assert holding.pool is not None
        assert holding.pool.name == "Open customers"

    def test_an_owner_nobody_has_told_of_has_no_name_yet(self, desk: Desk) -> None:
        owner = rep()
        holding = desk.holding(owner, desk.add_customer(owner=owner))
        assert holding.owner is not None
        assert holding.owner.name == ""

    def test_it_says_since_when(self, desk: Desk) -> None:
        created_at = clock.now() - timedelta(days=3)
        assert desk.holding(ADMIN, desk.add_customer(at=created_at)).since == created_at


class TestListHoldings:
    def page(self, desk: Desk, caller: Caller, **request: object) -> HoldingPage:
        return desk.ask(caller, holdings.list_holdings, ListHoldings.model_validate(request))

    def test_my_own_come_latest_first(self, desk: Desk) -> None:
        me = rep()
        customer_ids = [desk.add_customer(owner=me) for _ in range(3)]
        desk.add_customer(owner=rep())
        assert [item.customer.id for item in self.page(desk, me).items] == customer_ids[::-1]

    def test_pages_follow_each_other_without_loss_also_within_one_moment(self, desk: Desk) -> None:
        me, moment = rep(), clock.now()
        customer_ids = {desk.add_customer(owner=me, at=moment) for _ in range(5)}
        seen, cursor = [], None
        for _ in range(3):
            page = self.page(desk, me, limit=2, cursor=cursor)
            seen += [item.customer.id for item in page.items]
            cursor = page.next_cursor
        assert cursor is None
        assert len(seen) == 5
        assert set(seen) == customer_ids

    def test_the_oldest_can_come_first(self, desk: Desk) -> None:
        me = rep()
        customer_ids = [desk.add_customer(owner=me) for _ in range(3)]
        first = self.page(desk, me, sort=HoldingSort.OLDEST, limit=2)
        second = self.page(desk, me, sort=HoldingSort.OLDEST, limit=2, cursor=first.next_cursor)
        assert [item.customer.id for item in first.items + second.items] == customer_ids

    def test_a_cursor_of_one_order_is_refused_in_the_other(self, desk: Desk) -> None:
        me = rep()
        for _ in range(2):
            desk.add_customer(owner=me)
        for sort, other in [(NEWEST, OLDEST), (OLDEST, NEWEST), (OLDEST, DEADLINE), (NEWEST, DEADLINE)]:
            cursor = self.page(desk, me, sort=sort, limit=1).next_cursor
            with pytest.raises(InvalidInput) as refused:
                self.page(desk, me, sort=other, cursor=cursor)
            assert refused.value.code == "cursor.invalid"

    def test_they_are_counted_when_asked(self, desk: Desk) -> None:
        me = rep()
        for _ in range(3):
            desk.add_customer(owner=me)
        assert self.page(desk, me, limit=1).total is None
        assert self.page(desk, me, limit=1, count=True).total == 3

    @pytest.mark.parametrize(
        ("caller", "seen"),
        [
            (ADMIN, True),
            (AUDITOR, True),
            (PROGRAM, True),
            (manager_of(NORTH), True),
            (manager_of(SOUTH), False),
            (rep(NORTH), False),
        ],
        ids=["admin", "auditor", "integration", "manager", "other manager", "colleague"],
    )
    def test_another_persons_are_for_their_manager_admins_and_auditors(
        self, desk: Desk, caller: Caller, *, seen: bool
    ) -> None:
        customer_id = owned(desk)
        found = [item.customer.id for item in self.page(desk, caller, owner_id=OWNER.user_id).items]
        assert (customer_id in found) is seen

    def test_a_service_has_no_holdings_of_its_own(self, desk: Desk) -> None:
        with pytest.raises(NotPermitted) as refused:
            self.page(desk, SERVICE)
        assert refused.value.code == "auth.users_only"

    def test_a_made_up_cursor_is_refused(self, desk: Desk) -> None:
        with pytest.raises(InvalidInput) as refused:
            self.page(desk, rep(), cursor="nonsense")
        assert refused.value.code == "cursor.invalid"


class TestListFreeCustomers:
    def page(self, desk: Desk, caller: Caller, **request: object) -> FreeCustomerPage:
        return desk.ask(caller, pools.list_free_customers, ListFreeCustomers.model_validate(request))

    def test_who_waits_longest_comes_first_and_who_is_claimed_has_left(self, desk: Desk) -> None:
        pool_id, now = desk.add_pool("Fairs"), clock.now()
        latest, longest, claimed = (
            desk.add_customer(pool_id=pool_id, at=now - timedelta(days=days)) for days in (1, 9, 5)
        )
        desk.claim(rep(), claimed, pool_id=pool_id)
        page = self.page(desk, rep(), pool_id=pool_id)
        assert [item.customer.id for item in page.items] == [longest, latest]
        assert page.items[0].since == now - timedelta(days=9)

    def test_claims_between_two_pages_neither_shift_nor_repeat_the_rest(self, desk: Desk) -> None:
        pool_id, moment = desk.add_pool("Web forms"), clock.now()
        customer_ids = sorted(desk.add_customer(pool_id=pool_id, at=moment) for _ in range(6))
        first = self.page(desk, rep(), pool_id=pool_id, limit=3)
        desk.claim(rep(), *customer_ids[:2], pool_id=pool_id)
        second = self.page(desk, rep(), pool_id=pool_id, limit=3, cursor=first.next_cursor)
        assert [item.customer.id for item in first.items + second.items] == customer_ids
        assert second.next_cursor is None

    def test_they_are_counted_when_asked(self, desk: Desk) -> None:
        pool_id = desk.add_pool("Counted")
        for _ in range(2):
            desk.add_customer(pool_id=pool_id)
        assert self.page(desk, rep(), pool_id=pool_id, limit=1).total is None
        assert self.page(desk, rep(), pool_id=pool_id, limit=1, count=True).total == 2

    def test_an_unknown_pool_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound) as missed:
            self.page(desk, rep(), pool_id=new_id())
        assert missed.value.code == "pool.not_found"

    def test_a_system_caller_sees_nobody(self, desk: Desk) -> None:
        desk.add_customer()
        assert self.page(desk, SERVICE, pool_id=DEFAULT_POOL_ID).items == []


class TestListHoldingHistory:
    def test_who_may_see_the_customer_reads_all_its_stretches_latest_first(self, desk: Desk) -> None:
        desk.add_user(OWNER)
        customer_id = desk.add_customer()
        desk.claim(OWNER, customer_id)
        desk.release(OWNER, customer_id)
        history = desk.ask(rep(), holdings.list_holding_history, ListHoldingHistory(customer_id=customer_id)).items
        assert [(span.began, span.ended) for span in history] == [
            ("released", None),
            ("claimed", "released"),
            ("created", "claimed"),
        ]
        assert [span.owner and span.owner.name for span in history] == [None, OWNER.name, None]
        assert [span.pool and span.pool.name for span in history] == ["Open customers", None, "Open customers"]

    def test_others_do_not_find_it(self, desk: Desk) -> None:
        customer_id = owned(desk)
        with pytest.raises(NotFound) as missed:
            desk.ask(rep(), holdings.list_holding_history, ListHoldingHistory(customer_id=customer_id))
        assert missed.value.code == "holding.not_found"
