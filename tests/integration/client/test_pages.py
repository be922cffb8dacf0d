"""Lists of any length, page by page."""

from uuid import UUID

import pytest

from contracts.errors import InvalidInput
from contracts.pool.holdings import GetHolding
from contracts.pool.pools import ListFreeCustomers
from tests.integration.client.gateway import BadGateway, Step, answer, hang_up, refuse
from tideline_client import Client

POOL = UUID(int=7)
ADDRESS = f"GET /v1/pools/{POOL}/customers"


def page(*names: str, following: str | None) -> Step:
    items = [{"customer": {"id": str(POOL), "name": name}, "since": "2026-11-21T08:00:00Z"} for name in names]
    return answer({"items": items, "next_cursor": following})


class TestPages:
    def test_all_items_come_in_order_and_each_page_is_asked_for_once(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(page("a", "b", following="2"), hang_up, page(following="3"), page("c", following=None))
        found = [each.customer.name for each in client.pages(ListFreeCustomers(pool_id=POOL, limit=2))]
        assert found == ["a", "b", "c"]
        asked = [each.line for each in gateway.got]
        later = [f"{ADDRESS}?limit=2&cursor={cursor}" for cursor in (2, 2, 3)]
        assert asked == [f"{ADDRESS}?limit=2", *later]

    def test_no_page_is_asked_for_before_it_is_reached(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(page("a", "b", following="2"))
        pages = iter(client.pages(ListFreeCustomers(pool_id=POOL)))
        assert [next(pages).customer.name for _ in range(2)] == ["a", "b"]
        assert len(gateway.got) == 1

    def test_each_iteration_begins_at_the_beginning(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(page("a", following=None), page("a", following=None))
        pages = client.pages(ListFreeCustomers(pool_id=POOL))
        assert list(pages) == list(pages)

    def test_a_refusal_ends_it(self, gateway: BadGateway, client: Client) -> None:
        gateway.will(page("a", following="2"), refuse(400, "cursor.invalid"))
        pages = iter(client.pages(ListFreeCustomers(pool_id=POOL)))
        next(pages)
        with pytest.raises(InvalidInput, match=r"cursor\.invalid"):
            next(pages)

    def test_what_is_no_list_has_no_pages(self, client: Client) -> None:
        with pytest.raises(TypeError, match=r"GetHolding has no pages: use call"):
            client.pages(GetHolding(customer_id=POOL))
