"""Every text is there in every language, and says the same things."""

from pathlib import Path
from typing import get_args

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from contracts.identity.users import Language
from services.notify import texts
from services.notify.voice import CATALOGUES, DOMAIN

LANGUAGES: tuple[str, ...] = get_args(Language)


def said() -> list[str]:
    """The texts that the service says, as they stand in its code."""
    found = extract_from_file("python", Path(texts.__file__), keywords={"say": None})
    return [message for _line, message, _comments, _context in found if isinstance(message, str)]


def catalogue(language: str) -> Catalog:
    """A language's catalogue, as translators see it."""
    with (CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language)


class TestCatalogues:
    def test_there_is_something_to_translate(self) -> None:
        assert "Follow up with %(customer)s" in said()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_text_lacks_a_translation(self, language: str) -> None:
        translated = {message.id for message in catalogue(language) if message.string and not message.fuzzy}
        assert set(said()) - translated == set()

    @pytest.mark.parametrize("language", ["zh", "pl"])
    def test_no_translation_is_the_english_left_as_it_was(self, language: str) -> None:
        assert [message.id for message in catalogue(language) if message.id and message.id == message.string] == []

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_no_translation_is_left_over_from_a_text_that_is_gone(self, language: str) -> None:
        kept = catalogue(language)
        assert {message.id for message in kept if message.id} - set(said()) == set()
        assert not kept.obsolete

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_each_names_the_same_facts_as_the_text(self, language: str) -> None:
        assert [(message.id, errors) for message, errors in catalogue(language).check()] == []
        for message in catalogue(language):
            if message.id:
                assert facts_in(message.string) == facts_in(message.id)

    def test_english_says_what_the_code_says(self) -> None:
        assert [message.id for message in catalogue("en") if message.id != message.string and message.id] == []


def facts_in(text: object) -> set[str]:
    """The names that stand as `%(name)s` in a text."""
    facts = _Facts()
    assert isinstance(text, str)
    _ = text % facts
    return facts.asked


class _Facts(dict[str, str]):
    """Has every fact, and remembers which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __missing__(self, name: str) -> str:
        self.asked.add(name)
        return ""
