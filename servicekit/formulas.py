"""Texts that a spreadsheet would take for formulas: in CSV with a leading apostrophe, and read without it again."""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r\n]")
"""What makes a formula of a cell, also behind apostrophes, so that reading takes away just what writing has added."""
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n]")


def is_risky(text: str) -> bool:
    """Whether a spreadsheet would take this text for a formula."""
    return _RISKY.match(text) is not None


def neutralised(text: str) -> str:
    """A text as it can stand in a CSV file that a spreadsheet opens."""
    return f"'{text}" if is_risky(text) else text


def restored(text: str) -> str:
    """The text that `neutralised` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text
