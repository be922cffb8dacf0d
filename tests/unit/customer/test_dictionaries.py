"""What a dictionary may become."""

import pytest

from contracts.customer.dictionaries import DictionaryItem, Labels
from contracts.errors import InvalidInput
from services.customer.rules.dictionaries import check_items


def item(key: str) -> DictionaryItem:
    """A choice."""
    return DictionaryItem(key=key, labels=Labels(en=key.title()))


class TestCheckItems:
    def test_choices_may_come_and_move(self) -> None:
        check_items([item("new"), item("old")], before=["old"])

    def test_a_choice_can_not_go(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            check_items([item("new")], before=["old"])
        assert [(fault.field, fault.code) for fault in refused.value.fields] == [("items", "dictionary.item_missing")]

    def test_a_choice_can_not_be_there_twice(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            check_items([item("one"), item("two"), item("one")])
        found = [(fault.field, fault.code) for fault in refused.value.fields]
        assert found == [("items.2.key", "dictionary.repeated_item")]
