"""The book of a run: every write that was asked for, and what its writer was told."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from tests.faults.browser import Answer, NoAnswer, NotSent

Outcome = Answer | NotSent | NoAnswer


class Told(StrEnum):
    """What a writer knows of a write when the request is over."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass
class Claims:
    """How often a person was told they got a customer, and how often they were told nothing certain."""

    won: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)


class Ledger:
    """Shared by all writers. Each write but a claim bears a marker that can be looked for afterwards."""

    def __init__(self) -> None:
        self.told: dict[str, Told] = {}
        self.claims = Claims()
        self.answers: Counter[str] = Counter()
        """How many answers there were of each kind, for the reader of a failure."""
        self._lock = threading.Lock()
        self._written = 0
        self._counts: Counter[Told] = Counter()

    @property
    def written(self) -> int:
        """How many writes have been asked for."""
        return self._written

    @property
    def acknowledged(self) -> int:
        """How many of them were answered with success."""
        return self._counts[Told.ACKNOWLEDGED]

    def count(self, told: Told) -> int:
        """How many writes ended this way."""
        return self._counts[told]

    def marker(self) -> str:
        """A mark for the next write; what follows the letter is its number."""
        with self._lock:
            self._written += 1
            return f"w{self._written:07d}"

    def enter(self, kind: str, marker: str, outcome: Outcome) -> Told:
        """Write down how a request ended."""
        told = told_by(outcome)
        with self._lock:
            self.told[marker] = told
            self._counts[told] += 1
            self.answers[f"{kind}: {_said(outcome)}"] += 1
        return told

    def enter_claim(self, claimer: str, customer_ids: list[str], marker: str, outcome: Outcome) -> list[str]:
        """The same for a claim, which leaves no marker but an owner; those that were won."""
        told = self.enter("claim", marker, outcome)
        won: list[str] = []
        with self._lock:
            del self.told[marker]
            if isinstance(outcome, Answer) and told is Told.ACKNOWLEDGED:
                won = [item["customer_id"] for item in outcome.body["items"] if item["status"] == "claimed"]
                self.claims.won.update((customer_id, claimer) for customer_id in won)
            elif told is Told.UNKNOWN:
                self.claims.unknown.update((customer_id, claimer) for customer_id in customer_ids)
        return won


def is_marker(text: str) -> bool:
    """Whether a text is the mark of a write."""
    return len(text) == 8 and text[0] == "w" and text[1:].isdecimal()


def told_by(outcome: Outcome) -> Told:
    """What an answer, or none, means for the write."""
    if isinstance(outcome, NotSent):
        return Told.REFUSED
    if isinstance(outcome, NoAnswer):
        return Told.UNKNOWN
    if outcome.status < 300:
        return Told.ACKNOWLEDGED
    if outcome.status < 500 or outcome.body.get("data", {}).get("outcome") == "not_done":
        return Told.REFUSED
    return Told.UNKNOWN


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, Answer):
        return f"{outcome.status} {outcome.body.get('code', '')}".strip()
    return f"{type(outcome).__name__} {outcome}"
