"""The generated files of docs/ are those that the contracts and services make today."""

import re
from collections import Counter
from pathlib import Path

import pytest

from deploy.docs.markdown import link
from deploy.docs.pages import FOLDER, left_over, pages

REMEDY = "Run `make docs` and commit what it writes."


@pytest.fixture(scope="module")
def written() -> dict[Path, str]:
    """What `make docs` would write."""
    return pages()


@pytest.fixture(scope="module")
def readable(written: dict[Path, str]) -> dict[str, str]:
    """The Markdown pages among it, by name."""
    return {path.name: text for path, text in written.items() if path.suffix == ".md"}


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


class TestPages:
    def test_each_is_checked_in_as_it_would_be_written_now(self, written: dict[Path, str]) -> None:
        checked_in = {path: path.read_text(encoding="utf-8") for path in written if path.exists()}
        stale = [str(path.relative_to(FOLDER.parent)) for path, text in written.items() if checked_in.get(path) != text]
        assert not stale, f"Out of date: {', '.join(stale)}. {REMEDY}"

    def test_nothing_is_left_of_events_that_are_no_more(self) -> None:
        assert not left_over(), f"Left over: {', '.join(path.name for path in left_over())}. {REMEDY}"

    def test_every_link_within_a_page_leads_to_a_heading(self, readable: dict[str, str]) -> None:
        for name, text in readable.items():
            anchors = {f"({link(heading).partition('(')[2]}" for heading in headings(text)}
            lost = set(re.findall(r"\(#[^)]+\)", text)) - anchors
            assert not lost, f"docs/{name} links to headings that it lacks: {', '.join(sorted(lost))}"

    def test_every_link_to_a_file_leads_to_one(self, readable: dict[str, str]) -> None:
        for name, text in readable.items():
            lost = [target for target in re.findall(r"\]\(([^)#:]+)\)", text) if not (FOLDER / target).exists()]
            assert not lost, f"docs/{name} links to files that are not there: {', '.join(lost)}"

    def test_every_heading_is_there_once(self, readable: dict[str, str]) -> None:
        for name, text in readable.items():
            twice = [heading for heading, number in Counter(map(str.lower, headings(text))).items() if number > 1]
            assert not twice, f"docs/{name} has two headings {', '.join(twice)}: links would go to the first."
