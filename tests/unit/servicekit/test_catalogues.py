"""Every text is there in every language, and says the same things."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from servicekit.voice import LANGUAGES, catalogue_path
from services.notify import texts as notify
from services.pool import texts as pool

SPEAKERS = {"notify": notify, "pool": pool}
"""The services that speak to people, with the module that has what they say."""
everywhere = pytest.mark.parametrize(("service", "language"), [(each, one) for each in SPEAKERS for one in LANGUAGES])


def said(service: str) -> list[str]:
    """The texts that a service says, as they stand in its code."""
    code = Path(str(SPEAKERS[service].__file__))
    found = extract_from_file("python", code, keywords={"say": None})
    return [message for _line, message, _comments, _context in found if isinstance(message, str)]


def catalogue(service: str, language: str) -> Catalog:
    """A language's catalogue, as translators see it."""
    with catalogue_path(service, language).open("rb") as file:
        return read_po(file, locale=language)


class TestCatalogues:
    def test_every_service_that_has_texts_is_looked_at(self) -> None:
        assert {path.parent.name for path in catalogue_path("x", "en").parents[4].glob("*/locale")} == set(SPEAKERS)

    def test_there_is_something_to_translate(self) -> None:
        assert "Follow up with %(customer)s" in said("notify")

    @everywhere
    def test_no_text_lacks_a_translation(self, service: str, language: str) -> None:
        translated = {message.id for message in catalogue(service, language) if message.string and not message.fuzzy}
        assert set(said(service)) - translated == set()

    @pytest.mark.parametrize("service", SPEAKERS)
    @pytest.mark.parametrize("language", ["zh", "pl"])
    def test_no_translation_is_the_english_left_as_it_was(self, service: str, language: str) -> None:
        kept = catalogue(service, language)
        assert [message.id for message in kept if message.id and message.id == message.string] == []

    @everywhere
    def test_no_translation_is_left_over_from_a_text_that_is_gone(self, service: str, language: str) -> None:
        kept = catalogue(service, language)
        assert {message.id for message in kept if message.id} - set(said(service)) == set()
        assert not kept.obsolete

    @everywhere
    def test_each_names_the_same_facts_as_the_text(self, service: str, language: str) -> None:
        kept = catalogue(service, language)
        assert [(message.id, errors) for message, errors in kept.check()] == []
        for message in kept:
            if message.id:
                assert facts_in(message.string) == facts_in(message.id)

    @pytest.mark.parametrize("service", SPEAKERS)
    def test_english_says_what_the_code_says(self, service: str) -> None:
        kept = catalogue(service, "en")
        assert [message.id for message in kept if message.id != message.string and message.id] == []


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
