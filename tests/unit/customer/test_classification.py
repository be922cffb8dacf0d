"""What customers get by the rules that hold for them, and which rules there may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.customer.conditions import Rule
from contracts.errors import Conflict, InvalidInput
from servicekit.database import new_id
from servicekit.testing import refused
from services.customer.rules.classification import (
    MOST_TAGS,
    Gift,
    check_condition,
    check_gives,
    check_order,
    check_room,
    classified,
    concerns,
)

GIFTS = st.lists(
    st.builds(
        Gift,
        rule=st.sampled_from(["one", "two", "three"]),
        level=st.sampled_from([None, "A", "B", "C"]),
        tags=st.lists(st.sampled_from(["vip", "eu", "east", "win back"]), unique=True, max_size=3),
    ),
    max_size=6,
)
TAGS = st.lists(st.sampled_from(["vip", "eu", "own"]), unique=True)


def condition(field: str) -> Rule:
    """One that asks for this field."""
    return Rule.model_validate({"field": field, "op": "empty"})


class TestClassified:
    def test_the_first_that_names_a_level_gives_it_and_the_tags_of_all_are_added(self) -> None:
        gifts = [Gift("tags", None, ["eu"]), Gift("big", "A", []), Gift("small", "B", ["vip", "eu"])]
        assert classified(gifts, "C", ["own"]) == ("A", ["own", "eu", "vip"], ["tags", "big", "small"])

    def test_a_rule_that_gives_nothing_new_is_not_named(self) -> None:
        assert classified([Gift("big", "A", ["eu"]), Gift("small", "B", [])], "A", ["eu"]) == ("A", ["eu"], [])

    def test_a_level_that_is_there_already_is_not_taken_by_a_rule_below(self) -> None:
        assert classified([Gift("big", "A", []), Gift("small", "B", [])], "A", []).level == "A"

    def test_nothing_is_taken_from_whom_no_rule_holds_for(self) -> None:
        assert classified([], "C", ["own"]) == ("C", ["own"], [])

    def test_tags_are_added_as_long_as_there_is_room(self) -> None:
        full = [f"tag {nth}" for nth in range(MOST_TAGS - 1)]
        assert classified([Gift("two", None, ["one more", "another"])], None, full).tags == [*full, "one more"]
        assert classified([Gift("late", None, ["x"])], None, [*full, "y"]).by == []

    @given(gifts=GIFTS, level=st.sampled_from([None, "A", "C"]), tags=TAGS)
    def test_again_changes_nothing(self, gifts: list[Gift], level: str | None, tags: list[str]) -> None:
        once = classified(gifts, level, tags)
        assert classified(gifts, once.level, once.tags) == (once.level, once.tags, [])
        assert once.tags[: len(tags)] == tags
        assert bool(once.by) == ((once.level, once.tags) != (level, tags))


class TestConcerns:
    def test_a_change_matters_to_who_asks_for_it(self) -> None:
        assert concerns(["size", "custom.seats"], {"custom.seats"})
        assert not concerns(["size"], {"note"})

    def test_a_person_who_writes_what_rules_give_is_answered_by_them(self) -> None:
        assert concerns(["size"], {"level"})
        assert concerns(["size"], {"tags"})


class TestChecks:
    @pytest.mark.parametrize("field", ["level", "tags", "updated_at"])
    def test_what_rules_change_themselves_is_no_condition(self, field: str) -> None:
        deep = Rule.model_validate({"any": [{"field": "size", "op": "empty"}, {"not": condition(field)}]})
        with refused(InvalidInput, "classification.own_field"):
            check_condition(deep)
        check_condition(condition("size"))

    def test_a_rule_gives_something(self) -> None:
        with refused(InvalidInput, "classification.gives_nothing"):
            check_gives(None, [])
        check_gives("A", [])
        check_gives(None, ["vip"])

    def test_there_are_at_most_fifty_rules_of_five_hundred_conditions(self) -> None:
        check_room([condition("size")] * 50)
        with refused(Conflict, "classification.too_many"):
            check_room([condition("size")] * 51)
        large = Rule(all=[condition("size")] * 50)
        check_room([large] * 10)
        with refused(Conflict, "classification.too_many"):
            check_room([large] * 10 + [condition("size")])

    def test_an_order_names_each_rule_once(self) -> None:
        one, two = new_id(), new_id()
        check_order([one, two], [two, one])
        for given_ids in ([one], [one, one], [one, two, new_id()]):
            with refused(InvalidInput, "classification.other_rules"):
                check_order([one, two], given_ids)
