"""What two customers' fields become when they are one, and what an undoing takes back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.customer.customers import Address, Email, Handle, Phone
from contracts.errors import Conflict, InvalidInput
from servicekit.testing import refused
from services.customer.rules import merges

NOW = datetime(2026, 11, 22, tzinfo=UTC)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PLAIN = ("name", "website", "note", "do_not_contact", "size")


def fields(**known: Any) -> dict[str, Any]:
    """A customer of whom nothing is known but this."""
    empty = {"name": "Acme", "website": None, "size": None, "note": "", "do_not_contact": False}
    return {**empty, **{name: [] for name in merges.MOST}, **known}


def phone(number: str, *, primary: bool = False) -> Phone:
    return Phone(number=number, e164=number, primary=primary)


def with_one_primary(items: list[Any]) -> list[Any]:
    return [item.model_copy(update={"primary": nth == 0}) for nth, item in enumerate(items)]


WORDS = st.sampled_from(["", "a", "b", "c"])
NUMBERS = st.sampled_from(["+12025550101", "+12025550102", "+12025550103", "+12025550104"])
PHONES = st.lists(NUMBERS, unique=True, max_size=4).map(lambda each: with_one_primary([phone(one) for one in each]))
EMAILS = st.lists(st.sampled_from(["a@x.example", "B@x.example", "c@x.example"]), unique=True, max_size=3).map(
    lambda each: with_one_primary([Email(address=one) for one in each])
)
TAGS = st.lists(st.sampled_from(["vip", "eu", "east"]), unique=True, max_size=3)
CUSTOMERS = st.builds(
    fields,
    name=st.sampled_from(["Acme", "Acme Ltd"]),
    website=st.one_of(st.none(), st.just("https://acme.example")),
    size=st.one_of(st.none(), st.integers(0, 5)),
    note=WORDS,
    do_not_contact=st.booleans(),
    phones=PHONES,
    emails=EMAILS,
    handles=st.lists(st.builds(Handle, network=st.just("WeChat"), name=st.sampled_from(["acme", "Acme2"])), max_size=2),
    addresses=st.lists(st.builds(Address, city=WORDS), max_size=2),
    tags=TAGS,
)
KEEP = st.dictionaries(st.sampled_from(PLAIN), st.sampled_from(["survivor", "loser"]))


class TestMerged:
    def test_the_survivors_own_value_comes_first(self) -> None:
        assert merges.merged(fields(website="https://a.example"), fields(website="https://b.example"), keep={}) == {}

    def test_an_empty_field_is_filled_from_the_loser(self) -> None:
        got = merges.merged(fields(), fields(website="https://b.example", note="Call"), keep={})
        assert got == {"website": "https://b.example", "note": "Call"}

    def test_whom_nobody_may_contact_stays_so(self) -> None:
        assert merges.merged(fields(), fields(do_not_contact=True), keep={}) == {"do_not_contact": True}

    def test_the_callers_choice_goes_before(self) -> None:
        loser = fields(name="Acme Ltd", website=None)
        got = merges.merged(fields(website="https://a.example"), loser, keep={"name": "loser", "website": "loser"})
        assert got == {"name": "Acme Ltd", "website": None}

    def test_phones_are_united_by_their_number_with_one_primary(self) -> None:
        own = [phone("+12025550101", primary=True)]
        others = [phone("+12025550102", primary=True), phone("+12025550101")]
        got = merges.merged(fields(phones=own), fields(phones=others), keep={})
        assert got == {"phones": [*own, phone("+12025550102")]}

    def test_who_has_no_phone_gets_the_losers_with_its_primary(self) -> None:
        others = [phone("+12025550101"), phone("+12025550102", primary=True)]
        assert merges.merged(fields(), fields(phones=others), keep={}) == {"phones": others}

    def test_emails_are_united_whatever_their_case(self) -> None:
        own, others = [Email(address="Info@acme.example", primary=True)], [Email(address="info@acme.example")]
        assert merges.merged(fields(emails=own), fields(emails=others), keep={}) == {}

    def test_more_than_a_customer_may_have_is_refused(self) -> None:
        own, others = ([f"{side} {number}" for number in range(30)] for side in "ab")
        with refused(Conflict, "merge.too_much"):
            merges.merged(fields(tags=own), fields(tags=others), keep={})

    def test_why_it_is_junk_goes_with_the_stage_that_says_so(self) -> None:
        survivor, loser = fields(lifecycle="lead", junk_reason=None), fields(lifecycle="junk", junk_reason="Fake")
        assert merges.merged(survivor, loser, keep={}) == {}
        got = merges.merged(survivor, loser, keep={"lifecycle": "loser"})
        assert got == {"lifecycle": "junk", "junk_reason": "Fake"}

    def test_custom_fields_are_united(self) -> None:
        survivor, loser = fields(custom={"a": 1}), fields(custom={"a": 2, "b": 3})
        got = merges.merged(survivor, loser, keep={})
        assert got == {"custom": {"a": 1, "b": 3}}

    @UNHURRIED
    @given(CUSTOMERS, CUSTOMERS, KEEP)
    def test_nothing_of_either_list_is_lost_and_nothing_is_there_twice(
        self, survivor: dict[str, Any], loser: dict[str, Any], keep: dict[str, Any]
    ) -> None:
        whole = {**survivor, **merges.merged(survivor, loser, keep=keep)}
        assert {one.e164 for one in whole["phones"]} == {one.e164 for one in survivor["phones"] + loser["phones"]}
        assert len({one.e164 for one in whole["phones"]}) == len(whole["phones"])
        assert sum(one.primary for one in whole["phones"]) == bool(whole["phones"])
        assert whole["tags"] == list(dict.fromkeys(survivor["tags"] + loser["tags"]))


class TestReverted:
    @UNHURRIED
    @given(CUSTOMERS, CUSTOMERS, KEEP)
    def test_a_merge_that_is_undone_leaves_every_field_as_it_was(
        self, survivor: dict[str, Any], loser: dict[str, Any], keep: dict[str, Any]
    ) -> None:
        got = merges.merged(survivor, loser, keep=keep)
        before = {name: survivor[name] for name in got}
        assert {**survivor, **got, **merges.reverted({**survivor, **got}, before=before, given=got)} == survivor

    def test_what_was_written_later_stays(self) -> None:
        assert merges.reverted({"note": "Later"}, before={"note": ""}, given={"note": "Call"}) == {}

    def test_of_a_list_written_later_only_what_came_from_the_loser_goes(self) -> None:
        own, came, later = phone("+12025550101", primary=True), phone("+12025550102"), phone("+12025550103")
        back = merges.reverted({"phones": [later, came, own]}, before={"phones": [own]}, given={"phones": [own, came]})
        assert back == {"phones": [later, own]}

    def test_of_custom_fields_written_later_only_what_came_from_the_loser_goes(self) -> None:
        before, got = {"custom": {"a": 1}}, {"custom": {"a": 1, "b": 3, "c": 4}}
        back = merges.reverted({"custom": {"a": 9, "b": 3, "c": 5}}, before=before, given=got)
        assert back == {"custom": {"a": 9, "c": 5}}

    def test_there_is_a_primary_phone_when_the_losers_had_become_it(self) -> None:
        own, came = phone("+12025550101", primary=True), phone("+12025550102")
        now = [own.model_copy(update={"primary": False}), came.model_copy(update={"primary": True})]
        back = merges.reverted({"phones": now}, before={"phones": [own]}, given={"phones": [own, came]})
        assert back == {"phones": [own]}


class TestCheckUndoable:
    def test_on_the_thirtieth_day_it_can_be_undone(self) -> None:
        merges.check_undoable(at=NOW - timedelta(days=30), undone_at=None, now=NOW)

    def test_later_it_can_not(self) -> None:
        with refused(Conflict, "merge.too_late"):
            merges.check_undoable(at=NOW - timedelta(days=30, seconds=1), undone_at=None, now=NOW)

    def test_twice_it_can_not(self) -> None:
        with refused(Conflict, "merge.undone"):
            merges.check_undoable(at=NOW, undone_at=NOW, now=NOW)


class TestCheckTwo:
    def test_a_customer_is_not_merged_into_itself(self) -> None:
        with refused(InvalidInput, "merge.same_customer"):
            merges.check_two(UUID(int=1), UUID(int=1))


class TestCheckKinds:
    @pytest.mark.parametrize(("survivor", "loser"), [("company", "person"), ("person", "company")])
    def test_a_company_and_a_person_are_not_one(self, survivor: str, loser: str) -> None:
        with refused(InvalidInput, "merge.different_kinds"):
            merges.check_kinds(survivor, loser)
