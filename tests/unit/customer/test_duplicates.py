"""When two customers may be the same, and what a policy makes of it."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.customer.customers import Email, Kind, Phone
from contracts.customer.duplicates import Verdict
from contracts.customer.matches import Reason
from servicekit.database import new_id
from services.customer.rules.duplicates import (
    CERTAIN,
    PROBABLE,
    Described,
    Match,
    compare,
    compared_as,
    keys_of,
    likeness,
    refused,
    stronger,
    verdict,
)

OTHER = new_id()


def company(name: str, **fields: Any) -> Described:
    return compared_as("company", {"name": name, **fields})


def person(name: str, **fields: Any) -> Described:
    return compared_as("person", {"name": name, **fields})


def match(new: Described, other: Described) -> Match | None:
    return next(iter(compare(new, {OTHER: other})), None)


def probable(new: Described, other: Described) -> bool:
    found = match(new, other)
    return found is not None and found.score >= PROBABLE


class TestKeys:
    def test_writings_of_the_same_share_their_key(self) -> None:
        one = {
            "emails": [Email(address="Info@acme.example")],
            "registration_number": "91-310 000 abc",
            "website": "www.acme.example",
        }
        other = {
            "emails": [Email(address="info@ACME.example")],
            "registration_number": "91310000ABC",
            "website": "https://acme.example/about",
        }
        assert set(keys_of(one)) == set(keys_of(other))

    @pytest.mark.parametrize("host", ["https://facebook.com/acme", "https://www.allegro.pl/acme"])
    def test_a_host_of_many_says_nothing(self, host: str) -> None:
        assert Reason.WEBSITE not in {kind for kind, _ in keys_of({"website": host})}

    def test_phones_count_as_they_are_dialled(self) -> None:
        assert list(keys_of({"phones": [Phone(number="021 6123", e164="+86216123")]})) == [(Reason.PHONE, "+86216123")]


class TestCompanies:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Acme Trading Ltd", "ACME TRADING LIMITED"),
            ("Acme Trading Ltd", "Acme"),
            ("Stalbud Sp. z o.o.", "STALBUD Spółka z ograniczoną odpowiedzialnością"),
            ("PPHU Żelmex s.c.", "Zelmex"),
            ("北京华兴科技有限公司", "華興（北京）科技有限公司"),
            ("华兴科技", "北京华兴科技股份有限公司"),
            ("Harbasted Logistics", "Harbsted Logistics"),
        ],
    )
    def test_the_same_written_otherwise_is_probable(self, one: str, other: str) -> None:
        assert probable(company(one), company(other))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("北京华兴科技有限公司", "北京华信科技有限公司"),
            ("北京华兴科技有限公司", "上海华兴贸易有限公司"),
            ("Acme Foods Ltd", "Apex Foods Ltd"),
            ("Polbud S.A.", "Stalbud S.A."),
            ("Alfa Trading", "Alfa Logistics"),
        ],
    )
    def test_others_in_the_same_trade_are_not(self, one: str, other: str) -> None:
        assert not probable(company(one), company(other))

    def test_another_registration_number_tells_them_apart(self) -> None:
        one, other = company("Acme", registration_number="1"), company("Acme", registration_number="2")
        assert not probable(one, other)

    @pytest.mark.parametrize(
        ("field", "reason"),
        [
            ({"phones": [Phone(number="1", e164="+12025550143")]}, Reason.PHONE),
            ({"emails": [Email(address="a@b.example")]}, Reason.EMAIL),
            ({"registration_number": "9"}, Reason.REGISTRATION_NUMBER),
        ],
    )
    def test_the_same_phone_address_or_number_is_certain(self, field: dict[str, Any], reason: Reason) -> None:
        found = match(company("Acme", **field), company("Zenith", **field))
        assert found == Match(OTHER, CERTAIN, (reason,))

    def test_the_same_website_is_probable(self) -> None:
        found = match(company("Acme", website="acme.example"), company("Zenith", website="www.acme.example"))
        assert found == Match(OTHER, PROBABLE, (Reason.WEBSITE,))


class TestPeople:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Anna Kowalska", "Kowalska, Anna"),
            ("Łukasz Żak", "Lukasz Zak"),
            ("王偉", "王 伟"),
            ("Peter Mark Hill", "Peter Hill"),
        ],
    )
    def test_the_same_written_otherwise_is_probable(self, one: str, other: str) -> None:
        assert probable(person(one), person(other))

    @pytest.mark.parametrize(
        ("one", "other"), [("王伟", "王炜"), ("Anna Kowalska", "Anna Nowak"), ("Jan Nowak", "Ewa Nowak")]
    )
    def test_another_name_is_not(self, one: str, other: str) -> None:
        assert not probable(person(one), person(other))

    def test_another_birthday_tells_them_apart(self) -> None:
        one, other = person("Jan Nowak", birthday=date(1980, 1, 2)), person("Jan Nowak", birthday=date(1990, 1, 2))
        assert not probable(one, other)

    def test_a_name_that_many_have_says_little(self) -> None:
        new = person("王伟")
        assert not compare(new, {new_id(): person("王伟") for _ in range(9)})

    def test_a_birthday_makes_it_one_of_them(self) -> None:
        born = {"birthday": date(1980, 1, 2)}
        others = {new_id(): person("王伟") for _ in range(9)}
        found = compare(person("王伟", **born), {**others, OTHER: person("王伟", **born)})
        assert [one.customer_id for one in found] == [OTHER]


class TestCompare:
    @given(st.sampled_from(["company", "person"]), st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
    def test_it_is_the_same_from_either_side(self, kind: str, one: str, other: str) -> None:
        described: Kind = "person" if kind == "person" else "company"
        left, right = compared_as(described, {"name": one}), compared_as(described, {"name": other})
        assert likeness(left, right) == likeness(right, left)

    def test_a_company_is_no_person(self) -> None:
        assert match(company("Jan Nowak"), person("Jan Nowak")) is None

    def test_the_most_alike_come_first(self) -> None:
        phone = {"phones": [Phone(number="1", e164="+12025550143")]}
        sure, likely = new_id(), new_id()
        found = compare(company("Acme", **phone), {likely: company("Acme"), sure: company("Other", **phone)})
        assert [one.customer_id for one in found] == [sure, likely]


class TestPolicy:
    @pytest.mark.parametrize(
        ("found", "exact", "probable", "is_refused"),
        [
            (Verdict.EXACT, "block", "warn", True),
            (Verdict.EXACT, "warn", "block", False),
            (Verdict.PROBABLE, "block", "warn", False),
            (Verdict.PROBABLE, "warn", "block", True),
            (Verdict.NONE, "block", "block", False),
        ],
    )
    def test_what_it_blocks_is_refused(self, found: Verdict, exact: str, probable: str, is_refused: bool) -> None:
        assert refused(found, exact=exact, probable=probable) is is_refused

    def test_one_certain_match_makes_it_exact(self) -> None:
        assert verdict([Match(OTHER, 90, ()), Match(OTHER, CERTAIN, ())]) == Verdict.EXACT
        assert verdict([Match(OTHER, 90, ())]) == Verdict.PROBABLE
        assert verdict([]) == Verdict.NONE

    def test_a_change_is_judged_by_what_it_brings(self) -> None:
        before = [Match(UUID(int=1), 90, ()), Match(UUID(int=2), 90, ())]
        after = [Match(UUID(int=1), CERTAIN, ()), Match(UUID(int=2), 90, ()), Match(UUID(int=3), 80, ())]
        assert [one.customer_id for one in stronger(after, before)] == [UUID(int=1), UUID(int=3)]
