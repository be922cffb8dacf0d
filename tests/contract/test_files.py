"""House rules that a file can break by itself: its length, its first line, its name."""

import ast
import re
from pathlib import Path

from deploy.docs.catalogue import ROOT

MOST_LINES = 400
SAYS_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)($|_)")
COMMENTED = {"*.yml", "*.yaml", "*.toml", "*.ini", "*.sh", "*.conf", "Makefile", "Dockerfile"}


def files(*patterns: str) -> list[Path]:
    """The project's files of these names; what starts with a dot is not ours, or is made by machines."""
    found = {path.relative_to(ROOT) for pattern in patterns for path in ROOT.rglob(pattern) if path.is_file()}
    ours = (path for path in found if not any(part.startswith(".") or part == "node_modules" for part in path.parts))
    return sorted(ours)


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def opening_of(path: Path) -> str:
    """The first line that says something: of a docstring's, or the first comment's."""
    if path.suffix == ".py":
        return (ast.get_docstring(ast.parse(text_of(path))) or "").partition("\n")[0]
    lines = [line for line in text_of(path).splitlines()[:2] if not line.startswith("#!")]
    return lines[0].lstrip("# ") if lines and lines[0].startswith("#") else ""


class TestFiles:
    def test_none_has_more_than_400_lines(self) -> None:
        lines = {path: len(text_of(path).splitlines()) for path in files("*.py") if path.parent.name != "migrations"}
        long = [f"{path} ({number})" for path, number in lines.items() if number > MOST_LINES]
        assert not long, (
            f"Too long: {', '.join(long)}; {MOST_LINES} lines are the most. Make a folder of the same name with one "
            "file per subject."
        )

    def test_each_opens_with_a_line_that_says_what_it_is_for(self) -> None:
        silent = [str(path) for path in files("*.py", *COMMENTED) if not opening_of(path)]
        assert not silent, (
            f"{', '.join(silent)}: open with a line that says what the file is for, as a docstring or a # comment."
        )

    def test_none_has_a_name_that_says_nothing(self) -> None:
        empty = [str(path) for path in files("*.py") if any(map(SAYS_NOTHING.search, path.with_suffix("").parts))]
        assert not empty, f"{', '.join(empty)}: such a file could hold anything. Name it after what it is about."
