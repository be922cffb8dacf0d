"""Lists of customers: searched, filtered, sorted, in pages, against a real database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.customer.customers import CustomerSort, ListCustomers
from contracts.errors import InvalidInput
from contracts.values import Lifecycle
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.customer.office import Office


@pytest.fixture(scope="module", autouse=True)
def customers(office: Office) -> None:
    """What the lists below are made of."""
    add = office.create
    add(office.rep, "Acme Trading Ltd", phones=[{"number": "+86 21 6123 4567"}], level="A", tags=["vip", "fair"])
    add(office.rep, "acorn & Sons", emails=[{"address": "Info@Acorn.example"}], lifecycle="prospect", level="B")
    add(office.rep, "上海贸易有限公司", phones=[{"number": "+48 22 123 45 67"}], tags=["vip"])
    add(office.rep, "王明", kind="person", phones=[{"number": "(202) 555-0143"}])
    add(office.colleague, "Zebra 360%_Software")
    add(office.admin, "ＰＯＯＬＥＤ　Works", pool_id=office.pool_id)


class TestSearch:
    @pytest.mark.parametrize(
        ("q", "found"),
        [
            ("acme", ["Acme Trading Ltd"]),
            ("TRADING", ["Acme Trading Ltd"]),
            ("me tra", ["Acme Trading Ltd"]),
            ("me   TRA", ["Acme Trading Ltd"]),
            ("ac", ["Acme Trading Ltd", "acorn & Sons"]),
            ("上海", ["上海贸易有限公司"]),
            ("贸易", ["上海贸易有限公司"]),
            ("公司", ["上海贸易有限公司"]),
            ("有限公司", ["上海贸易有限公司"]),
            ("王", ["王明"]),
            ("海易", []),
            ("pooled works", ["ＰＯＯＬＥＤ　Works"]),
            ("360", ["Zebra 360%_Software"]),
            ("0%_s", ["Zebra 360%_Software"]),
            ("%_", ["Zebra 360%_Software"]),
            ("a%e", []),
            ("a_me", []),
            ("\\", []),
            ("nowhere", []),
        ],
    )
    def test_a_fragment_of_a_name_finds_it(self, office: Office, q: str, found: list[str]) -> None:
        assert office.names(office.admin, q=q) == found

    @pytest.mark.parametrize(
        "q",
        [
            "+86 21 6123 4567",
            "0086 21 61234567",
            "+862161234567",
            "021-61234567",
            "(021) 6123-4567",
            "6123 4567",
            "61234",
            "６１２３４５６７",
        ],
    )
    def test_a_phone_is_found_in_any_writing(self, office: Office, q: str) -> None:
        assert office.names(office.admin, q=q) == ["Acme Trading Ltd"]

    @pytest.mark.parametrize("q", ["202-555-0143", "+1 (202) 555 0143", "1.202.555.0143"])
    def test_a_phone_without_a_country_is_one_of_the_region(self, office: Office, q: str) -> None:
        assert office.names(office.admin, q=q) == ["王明"]

    @pytest.mark.parametrize("q", ["info@acorn.example", "INFO@ACORN.EXAMPLE", "@acorn", "info@aco"])
    def test_an_address_is_found_in_any_case(self, office: Office, q: str) -> None:
        assert office.names(office.admin, q=q) == ["acorn & Sons"]

    def test_what_belongs_to_others_is_not_found(self, office: Office) -> None:
        assert office.names(office.rep, q="zebra") == []
        assert office.names(office.stranger, q="6123 4567") == []


class TestFilters:
    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"kind": "person"}, ["王明"]),
            ({"lifecycle": Lifecycle.PROSPECT}, ["acorn & Sons"]),
            ({"level": "A"}, ["Acme Trading Ltd"]),
            ({"tag": "vip"}, ["Acme Trading Ltd", "上海贸易有限公司"]),
            ({"tag": "vip", "level": "A"}, ["Acme Trading Ltd"]),
            ({"tag": "vi"}, []),
            ({"q": "ac", "level": "B"}, ["acorn & Sons"]),
        ],
    )
    def test_all_of_them_must_hold(self, office: Office, wanted: dict[str, Any], found: list[str]) -> None:
        assert office.names(office.admin, **wanted) == found

    def test_who_holds_it(self, office: Office) -> None:
        assert office.names(office.admin, owner_id=office.colleague.user_id) == ["Zebra 360%_Software"]
        assert office.names(office.colleague, owner_id="me") == ["Zebra 360%_Software"]
        assert office.names(office.rep, pool_id=office.pool_id) == ["ＰＯＯＬＥＤ　Works"]
        assert office.names(office.rep, owner_id=office.colleague.user_id) == []
        assert office.names(office.admin, pool_id=new_id()) == []

    def test_what_changed_since_a_moment(self, office: Office) -> None:
        latest = office.ask(office.admin, ListCustomers(sort=CustomerSort.RECENTLY_UPDATED, limit=1)).items[0]
        assert office.names(office.admin, updated_since=latest.updated_at) == [latest.name]
        assert office.names(office.admin, updated_since=latest.updated_at + timedelta(seconds=1)) == []


BY_NAME = ["Acme Trading Ltd", "acorn & Sons", "ＰＯＯＬＥＤ　Works", "Zebra 360%_Software", "上海贸易有限公司", "王明"]
BY_AGE = ["ＰＯＯＬＥＤ　Works", "Zebra 360%_Software", "王明", "上海贸易有限公司", "acorn & Sons", "Acme Trading Ltd"]


class TestPages:
    @pytest.mark.parametrize(
        ("sort", "names"),
        [(CustomerSort.NAME, BY_NAME), (CustomerSort.NEWEST, BY_AGE), (CustomerSort.RECENTLY_UPDATED, BY_AGE)],
    )
    @pytest.mark.parametrize("limit", [1, 2, 4, 6, 200])
    def test_pages_hold_everything_once_and_in_order(
        self, office: Office, sort: CustomerSort, names: list[str], limit: int
    ) -> None:
        assert list(walk(office, sort=sort, limit=limit)) == names

    def test_names_come_regardless_of_case(self, office: Office) -> None:
        assert office.names(office.admin, limit=2) == ["Acme Trading Ltd", "acorn & Sons"]

    def test_a_total_is_counted_only_when_asked_for(self, office: Office) -> None:
        assert office.ask(office.admin, ListCustomers(limit=1)).total is None
        assert office.ask(office.admin, ListCustomers(limit=1, count=True)).total == len(BY_NAME)
        assert office.ask(office.admin, ListCustomers(limit=1, count=True, tag="vip")).total == 2

    @pytest.mark.parametrize("cursor", ["nonsense", "", "W10", "WyJhIl0"])
    def test_a_cursor_of_another_list_is_refused(self, office: Office, cursor: str) -> None:
        with refused(InvalidInput, "cursor.invalid"):
            office.names(office.admin, cursor=cursor)


def walk(office: Office, **wanted: Any) -> Iterator[str]:
    """The names of all pages, one after another."""
    cursor = None
    while True:
        page = office.ask(office.admin, ListCustomers(**wanted, cursor=cursor))
        yield from (item.name for item in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return
